/** Why an action failed, in the words of the models and not of the JSON-RPC below them. */
import { BaseError, ContractFunctionRevertedError, ContractFunctionZeroDataError } from 'viem'

/**
 * NOT_INFERNODE    the chain has no inference precompiles or no registry
 * IS_INFERNODE     the chain has the precompiles, and is not to be given others
 * ACCOUNT_MISSING  the client has no account, and none was given
 * UNKNOWN_MODEL    no active model has the id
 * RETIRED_MODEL    the model's owner has retired it
 * ACCESS_DENIED    the model's owner does not let the caller run it, or not by a call: see consume in docs/precompiles.md
 * INPUT_LENGTH     the input has another length than the model takes
 * REFUSED          the chain refused with another Solidity error, named in the message
 * STORAGE_OFF      the node keeps no blocks of IPFS
 * REVERTED         a transaction was mined and reverted
 */
export type InferErrorCode =
  | 'NOT_INFERNODE'
  | 'IS_INFERNODE'
  | 'ACCOUNT_MISSING'
  | 'UNKNOWN_MODEL'
  | 'RETIRED_MODEL'
  | 'ACCESS_DENIED'
  | 'INPUT_LENGTH'
  | 'REFUSED'
  | 'STORAGE_OFF'
  | 'REVERTED'

export class InferError extends Error {
  override readonly name = 'InferError'
  readonly code: InferErrorCode

  constructor(code: InferErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}

/** `call`, with what a contract answered told as an InferError; other errors, of the transport for one, pass as they are. */
export async function inferErrors<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw error instanceof BaseError ? asInferError(what, error) : error
  }
}

function asInferError(what: string, error: BaseError): Error {
  const cause = error.walk((inner) => inner instanceof ContractFunctionRevertedError || inner instanceof ContractFunctionZeroDataError)
  if (cause instanceof ContractFunctionZeroDataError)
    return new InferError('NOT_INFERNODE', `${what}: the chain has nothing there; it is not an Infernode chain`, { cause: error })
  if (!(cause instanceof ContractFunctionRevertedError) || cause.data === undefined) return error
  const { errorName, args = [] } = cause.data
  switch (errorName) {
    case 'UnknownModel':
      return new InferError('UNKNOWN_MODEL', `no active model has the id ${args[0]}`, { cause: error })
    case 'RetiredModel':
      return new InferError('RETIRED_MODEL', `the model ${args[0]} has been retired by its owner`, { cause: error })
    case 'AccessDenied':
      return new InferError('ACCESS_DENIED', `${args[1]} may not run the model ${args[0]}`, { cause: error })
    case 'QuotaModel':
      return new InferError('ACCESS_DENIED', `the model ${args[0]} has a quota: contracts run it by consume, in a transaction`, {
        cause: error,
      })
    case 'WrongInputLength':
      return new InferError('INPUT_LENGTH', `the input has ${args[0]} bytes, the model takes ${args[1]}`, { cause: error })
    default:
      return new InferError('REFUSED', `${what} was refused: ${errorName}(${args.map(String).join(', ')})`, { cause: error })
  }
}
