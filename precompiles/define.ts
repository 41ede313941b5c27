/**
 * A precompile: name, address, ABI and one handler for each function of the ABI, in one place.
 *
 * Order of a call, the same for all: entry gas and calldata gas · no DELEGATECALL, no value · selector · no write in a static call · arguments · the handler, which charges
 * before each piece of work.
 */
import type { Abi, AbiFunction, ExtractAbiFunction, ExtractAbiFunctionNames } from 'abitype'
import { ModuleTrap, NodeFault } from '../runtime/host/errors.ts'
import { type AbiValue, bytesToHex, decodeParameters, encodeParameters, type Hex, MalformedAbi, selectorOf, type ValuesOf } from './abi.ts'
import type { CallContext, CallState, Environment, Surroundings } from './context.ts'
import { commonAbi } from './errors.ts'
import { calldataWordGas, callGas, wordsOf } from './gas.ts'
import { GasMeter, type Outcome, OutOfGas, Revert, revertWith } from './outcome.ts'

type Outputs<F extends AbiFunction> = ValuesOf<F['outputs']>
type Returned<F extends AbiFunction> =
  Outputs<F> extends [infer One] ? Promise<One> | One : Outputs<F> extends [] ? Promise<void> : Promise<Outputs<F>>

/** One for each function of the ABI. A function with one output gives its value, with several a list, with none nothing. */
export type Handlers<A extends Abi> = {
  [Name in ExtractAbiFunctionNames<A>]: (
    context: CallContext,
    args: ValuesOf<ExtractAbiFunction<A, Name>['inputs']>,
  ) => Returned<ExtractAbiFunction<A, Name>>
}

export interface PrecompileFunction {
  readonly abi: AbiFunction
  readonly run: (context: CallContext, args: readonly AbiValue[]) => Promise<AbiValue[]>
}

export interface Precompile {
  readonly name: string
  readonly address: Hex
  readonly abi: Abi
  /** By selector. */
  readonly functions: ReadonlyMap<Hex, PrecompileFunction>
}

/** @throws TypeError where a function of the ABI has no handler, or a handler no function. */
export function definePrecompile<const A extends Abi>(definition: {
  name: string
  address: Hex
  abi: A
  handlers: Handlers<A>
}): Precompile {
  const { name, address, abi } = definition
  const handlers = definition.handlers as Record<string, ((context: CallContext, args: unknown) => unknown) | undefined>
  const functions = new Map<Hex, PrecompileFunction>()
  for (const item of abi) {
    if (item.type !== 'function') continue
    const handler = handlers[item.name]
    if (handler === undefined) throw new TypeError(`precompile ${name}: the function ${item.name} has no handler`)
    const selector = selectorOf(item.name, item.inputs)
    if (functions.has(selector)) throw new TypeError(`precompile ${name}: two functions have the selector ${selector}`)
    functions.set(selector, {
      abi: item,
      run: async (context, args) => {
        const result = await handler(context, args)
        if (item.outputs.length === 0) return []
        return item.outputs.length === 1 ? [result as AbiValue] : (result as AbiValue[])
      },
    })
  }
  for (const handler of Object.keys(handlers))
    if (!abi.some((item) => item.type === 'function' && item.name === handler))
      throw new TypeError(`precompile ${name}: the handler ${handler} is no function of its ABI`)
  return { name, address, abi, functions }
}

/** A message call as an EVM hands it over. */
export interface PrecompileCall extends Surroundings {
  /** Valid until the call is over. */
  readonly data: Uint8Array
  readonly gasLimit: bigint
  readonly value: bigint
  readonly isStatic: boolean
  /** DELEGATECALL and CALLCODE: the frame runs in another account's name. */
  readonly isDelegate: boolean
}

/** Runs a call to its end. Throws nothing but NodeFault. */
export async function callPrecompile(
  precompile: Precompile,
  environment: Environment,
  state: CallState,
  call: PrecompileCall,
): Promise<Outcome> {
  const gas = new GasMeter(call.gasLimit)
  try {
    gas.charge(callGas + calldataWordGas * wordsOf(call.data.length))
    if (call.isDelegate) throw revertWith(commonAbi, 'DelegateCall')
    if (call.value !== 0n) throw revertWith(commonAbi, 'ValueSent', [call.value])
    const selector = bytesToHex(call.data.subarray(0, 4))
    const target = precompile.functions.get(selector)
    if (target === undefined) throw revertWith(commonAbi, 'UnknownFunction', [selector.padEnd(10, '0')])
    if (call.isStatic && target.abi.stateMutability === 'nonpayable') throw revertWith(commonAbi, 'StaticCall')
    const args = decodeParameters(target.abi.inputs, call.data.subarray(4))
    const { caller, origin, timestamp, staticCall } = call
    const results = await target.run({ ...environment, state, gas, caller, origin, timestamp, staticCall }, args)
    return { kind: 'return', gasUsed: gas.used, output: encodeParameters(target.abi.outputs, results) }
  } catch (error) {
    if (error instanceof OutOfGas) return { kind: 'halt', reason: 'out of gas' }
    if (error instanceof ModuleTrap) return { kind: 'halt', reason: 'trap' }
    if (error instanceof Revert) return { kind: 'revert', gasUsed: gas.used, output: error.data }
    if (error instanceof MalformedAbi) return { kind: 'revert', gasUsed: gas.used, output: revertWith(commonAbi, 'MalformedCalldata').data }
    if (error instanceof NodeFault) throw error
    throw new NodeFault('internal', `precompile ${precompile.name} failed: ${(error as Error).message}`, { cause: error })
  }
}
