/** Precompiles: the library's, and those that know the message they are called with. */

import type { EVM, ExecResult, PrecompileInput } from '@ethereumjs/evm'
import type { CallState, PrecompileCall, Outcome as PrecompileOutcome } from '../../precompiles/index.ts'
import { type Ended, type Message, outcome } from './frame.ts'
import { callState, staticCaller } from './native.ts'
import type { Precompiles, Substate } from './substate.ts'
import { EMPTY } from './words.ts'

/** A precompile that is told caller, value and kind of call. */
export type NativePrecompile = (state: CallState, call: PrecompileCall) => Promise<PrecompileOutcome>

/** @param natives by unprefixed address, before the EVM's of the same address */
export function createPrecompiles(evm: EVM, natives: ReadonlyMap<string, NativePrecompile>): Precompiles {
  return {
    has: (address) => evm.precompiles.has(address),
    run(substate, message) {
      const native = natives.get(message.codeAddress)
      return native === undefined ? runOfLibrary(evm, substate, message) : runNative(native, substate, message)
    },
  }
}

function runOfLibrary(evm: EVM, { around }: Substate, message: Message): Ended | Promise<Ended> {
  const input = { data: message.data, gasLimit: BigInt(message.gas), common: around.common, _EVM: evm, stateManager: evm.stateManager }
  const result = evm.precompiles.get(message.codeAddress)!(input as PrecompileInput)
  return result instanceof Promise ? result.then((late) => ended(message, late)) : ended(message, result)
}

function ended({ gas }: Message, { executionGasUsed, returnValue, exceptionError }: ExecResult): Ended {
  const left = gas - Number(executionGasUsed)
  if (exceptionError === undefined) return { outcome: outcome.stop, gas: left, output: returnValue }
  const reason = exceptionError.error === 'revert' ? outcome.revert : outcome.precompileFailed
  return { outcome: reason, gas: left, output: returnValue, error: exceptionError.error }
}

async function runNative(native: NativePrecompile, substate: Substate, message: Message): Promise<Ended> {
  const { around } = substate
  const result = await native(callState(substate), {
    data: message.data,
    gasLimit: BigInt(message.gas),
    caller: `0x${message.caller}`,
    origin: `0x${around.origin}`,
    timestamp: around.block.header.timestamp,
    staticCall: staticCaller(substate, message),
    value: message.value,
    isStatic: message.isStatic,
    isDelegate: message.address !== message.codeAddress,
  })
  if (result.kind === 'return') return { outcome: outcome.stop, gas: message.gas - Number(result.gasUsed), output: result.output }
  if (result.kind === 'revert') return { outcome: outcome.revert, gas: message.gas - Number(result.gasUsed), output: result.output }
  if (result.reason === 'out of gas') return { outcome: outcome.outOfGas, gas: 0, output: EMPTY }
  return { outcome: outcome.precompileFailed, gas: 0, output: EMPTY, error: 'internal error' }
}
