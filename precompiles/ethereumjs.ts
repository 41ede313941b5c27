/**
 * The adaptor to ethereumjs 10: the only file that knows it.
 *
 * An EVM gives a precompile data and gas limit alone; caller, value and kind of call are in the message, which it announces before it runs it.
 */
import { type EVM, EVMError, type EVMInterface, type ExecResult, Message, type PrecompileInput } from '@ethereumjs/evm'
import { Address } from '@ethereumjs/util'
import type { Host } from '../runtime/host/host.ts'
import { bytesToHex, type Hex, hexToBytes } from './abi.ts'
import { addresses } from './addresses.ts'
import { type CallState, defaultLimits, type Environment, type HeldArtifacts, type Limits, type StaticCall } from './context.ts'
import { callPrecompile, type Precompile } from './define.ts'
import type { Outcome } from './outcome.ts'
import { precompiles, precompileTable } from './table.ts'

export interface InstallOptions {
  host: Host
  /** Consensus limits that differ from the format's own. */
  limits?: Partial<Limits>
  /** The bytes of models off chain; none where absent. */
  artifacts?: HeldArtifacts | undefined
}

type RunPrecompile = (input: PrecompileInput) => Promise<ExecResult>
const installed = new WeakMap<EVM, Environment>()

/**
 * Registers all precompiles in an EVM; EIP-1153 (Cancun) must be active. They stay through changes of hardfork. A copy (`vm.shallowCopy()`) is another EVM: call this
 * again with it. Calling it again with the same EVM changes host, limits and artifacts.
 *
 * A NodeFault leaves `runCall` and `runTx` as a rejection, with the state as it was before the call: it must not become a block.
 *
 * @example
 * const vm = await createVM({ common: new Common({ chain: Mainnet, hardfork: Hardfork.Cancun }) })
 * installInfernode(vm.evm, { host: createHost({ wasm: loadModule() }) })
 */
export function installInfernode(vmEvm: EVMInterface, options: InstallOptions): void {
  const evm = requireEvm(vmEvm)
  if (!evm.common.isActivatedEIP(1153))
    throw new TypeError(`the hardfork ${evm.common.hardfork()} has no transient storage (EIP-1153), wanted cancun or later`)
  const known = installed.has(evm)
  const { host, limits, artifacts } = options
  installed.set(evm, { host, limits: { ...defaultLimits, ...limits }, artifacts })
  if (known) return

  const currentFrame = followFrames(evm)
  const state = callState(evm)
  const functions = new Map<string, RunPrecompile>()
  for (const [address, precompile] of precompileTable(precompiles))
    functions.set(address.slice(2), (input) => enter(evm, precompile, state, currentFrame(), input))
  keepRegistered(evm, functions)
}

/** The interface leaves out what every EVM of @ethereumjs/evm has. */
function requireEvm(evm: EVMInterface): EVM {
  const parts: Partial<EVM> = evm as EVM
  if (parts.common === undefined || parts.journal === undefined || parts.transientStorage === undefined || parts.events === undefined)
    throw new TypeError('this EVM has no common, journal, transient storage or events: wanted one of @ethereumjs/evm 10')
  return evm as EVM
}

async function enter(
  evm: EVM,
  precompile: Precompile,
  state: CallState,
  frame: Message | undefined,
  input: PrecompileInput,
): Promise<ExecResult> {
  if (frame === undefined) throw new TypeError(`precompile ${precompile.name} was entered without a message`)
  const outcome = await callPrecompile(precompile, installed.get(evm)!, state, {
    data: input.data,
    gasLimit: input.gasLimit,
    ...surroundings(evm, frame),
    staticCall: staticCaller(evm, precompile, frame),
    value: frame.value,
    isStatic: frame.isStatic,
    isDelegate: frame.delegatecall || frame.to === undefined || bytesToHex(frame.to.bytes) !== precompile.address,
  })
  return execResult(outcome, input.gasLimit)
}

/** The EVM keeps block and transaction from itself and its instructions; nothing public tells them. */
function surroundings(evm: EVM, frame: Message) {
  const { _block, _tx } = evm as unknown as {
    _block?: { header: { timestamp: bigint } }
    _tx?: { origin?: Address }
  }
  return {
    caller: bytesToHex(frame.caller.bytes),
    origin: bytesToHex((_tx?.origin ?? frame.caller).bytes),
    timestamp: _block?.header.timestamp ?? 0n,
  }
}

/** Frames that the EVM puts into each other (Yellow Paper, 9.4). */
const mostFrames = 1024

/** A message of its own: without one `runCall` would take the call for a new transaction. */
function staticCaller(evm: EVM, precompile: Precompile, frame: Message): StaticCall {
  return async (to, data, gasLimit) => {
    if (frame.depth >= mostFrames) return { success: false, output: new Uint8Array(), gasUsed: 0n }
    const message = new Message({
      caller: new Address(hexToBytes(precompile.address)),
      to: new Address(hexToBytes(to)),
      data,
      gasLimit,
      depth: frame.depth + 1,
      isStatic: true,
      selfdestruct: new Map(),
      createdAddresses: new Set(),
    })
    const { execResult } = await evm.runCall({ message })
    const { exceptionError, executionGasUsed, returnValue } = execResult
    return { success: exceptionError === undefined, output: returnValue, gasUsed: executionGasUsed }
  }
}

function execResult(outcome: Outcome, gasLimit: bigint): ExecResult {
  if (outcome.kind === 'return') return { executionGasUsed: outcome.gasUsed, returnValue: outcome.output }
  if (outcome.kind === 'revert')
    return { executionGasUsed: outcome.gasUsed, returnValue: outcome.output, exceptionError: new EVMError(EVMError.errorMessages.REVERT) }
  const { OUT_OF_GAS, INTERNAL_ERROR } = EVMError.errorMessages
  const error = outcome.reason === 'out of gas' ? OUT_OF_GAS : INTERNAL_ERROR
  return { executionGasUsed: gasLimit, returnValue: new Uint8Array(), exceptionError: new EVMError(error) }
}

function callState(evm: EVM): CallState {
  // A run reads ten slots of three accounts.
  const ownAccounts = new Map(Object.values(addresses).map((hex) => [hex as Hex, new Address(hexToBytes(hex))]))
  const address = (hex: Hex) => ownAccounts.get(hex) ?? new Address(hexToBytes(hex))
  return {
    async getStorage(account, slot) {
      const value = await evm.stateManager.getStorage(address(account), slot)
      if (value.length === 32) return value
      const word = new Uint8Array(32)
      word.set(value, 32 - value.length)
      return word
    },
    putStorage: (account, slot, value) => evm.stateManager.putStorage(address(account), slot, value),
    getCode: (account) => evm.stateManager.getCode(address(account)),
    getTransient: (account, slot) => evm.transientStorage.get(address(account), slot),
    putTransient: (account, slot, value) => evm.transientStorage.put(address(account), slot, value),
    accessAccount(account) {
      const bytes = hexToBytes(account)
      if (evm.journal.isWarmedAddress(bytes)) return evm.common.param('warmstoragereadGas')
      evm.journal.addWarmedAddress(bytes)
      return evm.common.param('coldaccountaccessGas')
    },
  }
}

/** The EVM makes its map of precompiles anew when the hardfork changes: ours are put in whenever it is asked for. */
function keepRegistered(evm: EVM, functions: ReadonlyMap<string, RunPrecompile>): void {
  const current = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(evm), 'precompiles')?.get
  if (current === undefined) throw new TypeError('this EVM has no map of precompiles: wanted @ethereumjs/evm 10')
  const registered = new WeakSet<object>()
  Object.defineProperty(evm, 'precompiles', {
    configurable: true,
    get: () => {
      const map = current.call(evm) as Map<string, RunPrecompile>
      if (registered.has(map)) return map
      for (const [address, run] of functions) {
        if (map.has(address)) throw new TypeError(`the address 0x${address} already has a precompile`)
        map.set(address, run)
      }
      registered.add(map)
      return map
    },
  })
  // A taken address shows now, not at the first call.
  void evm.precompiles
}

/**
 * The frame that runs. A rejected call would leave its checkpoints open, and later commits would go to the wrong depth: so each frame that rejects is reverted on its
 * way out, and the transaction's transient storage is cleared after the outermost.
 */
function followFrames(evm: EVM): () => Message | undefined {
  const frames: { message: Message | undefined }[] = []
  evm.events.on('beforeMessage', (message) => {
    const frame = frames.at(-1)
    if (frame !== undefined) frame.message = message
  })
  const runCall = evm.runCall.bind(evm)
  evm.runCall = async (options) => {
    const frame: (typeof frames)[number] = { message: undefined }
    frames.push(frame)
    try {
      return await runCall(options)
    } catch (fault) {
      // The checkpoint is made right after the announcement.
      if (frame.message !== undefined) {
        await evm.journal.revert()
        evm.transientStorage.revert()
      }
      if (frames.length === 1) evm.transientStorage.clear()
      throw fault
    } finally {
      frames.pop()
    }
  }
  return () => frames.at(-1)?.message
}
