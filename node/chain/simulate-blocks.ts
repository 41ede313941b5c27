/**
 * `eth_simulateV1`: calls in blocks that follow one another on top of a block, as if they were mined, and forgotten afterwards
 * (execution-apis, eth_simulateV1; defaults after its notes).
 */

import { Block, BlockHeader, genWithdrawalsTrieRoot } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import type { TypedTransaction } from '@ethereumjs/tx'
import { bigIntMax, bigIntMin, createAddressFromString, createWithdrawal, hexToBytes } from '@ethereumjs/util'
import { encodeReceipt, type RunTxResult, runTx } from '@ethereumjs/vm'
import { NodeError } from '../errors.ts'
import type { Machine } from '../state/machine.ts'
import { type Candidate, listRoot, storedBlock, unionBloom } from './build.ts'
import { checkFunds, senderState } from './execute.ts'
import { endsAtInvalidOpcode, failureInWords, invalidOpcode } from './failures.ts'
import { chargedGasPrice, offeredFee } from './fees.ts'
import { overrideAccount, overrideBlock, seeingBlock } from './simulate.ts'
import { beginBlock, endBlock, requestsHash } from './system.ts'
import { executionView, intrinsicGas, minimumGasLimit, unsignedWithHash, ZERO_ADDRESS } from './transactions.ts'
import { type TransferLog, watchTransfers } from './transfers.ts'
import type { CallRequest, CallResult, Hex, SimulatedBlock, SimulatedBlockRequest, SimulationRequest, StateOverride } from './types.ts'

/** Blocks of one request, those that fill gaps included (execution-apis: suggested limit). */
const MAX_BLOCKS = 256n
/** Between blocks whose timestamps are not given. */
export const SECONDS_PER_BLOCK = 12n

export interface BlockSimulation {
  /** At the base block's state, and nobody else's: its precompiles may be moved. */
  machine: Machine
  common: Common
  base: Block
  freeGas: boolean
  depositContract: Hex | undefined
  /** Of all calls together. */
  gasCap: bigint
  /** Tells the machine the hashes of simulated blocks. */
  announce(number: bigint, hash: Uint8Array): void
}

interface PlannedBlock extends SimulatedBlockRequest {
  number: bigint
  timestamp: bigint
}

/**
 * @throws NodeError BLOCK_NUMBER_NOT_INCREASING, BLOCK_TIMESTAMP_NOT_INCREASING, SIMULATION_TOO_LARGE, BLOCK_GAS_LIMIT_REACHED,
 * BASE_FEE_TOO_LOW, NONCE_TOO_LOW, NONCE_TOO_HIGH, INSUFFICIENT_FUNDS, INTRINSIC_GAS_TOO_LOW, INIT_CODE_TOO_LARGE, NOT_A_PRECOMPILE,
 * PRECOMPILE_MOVE_INVALID, CALL_INVALID
 */
export async function simulateBlocks(simulation: BlockSimulation, request: SimulationRequest): Promise<SimulatedBlock[]> {
  const blocks: SimulatedBlock[] = []
  let parent = simulation.base
  let gasLeft = simulation.gasCap
  for (const planned of planBlocks(simulation.base, request.blocks)) {
    const simulated = await simulateBlock(simulation, request, planned, parent, gasLeft)
    blocks.push(simulated)
    parent = simulated.stored.block
    gasLeft -= parent.header.gasUsed
    simulation.announce(parent.header.number, hexToBytes(simulated.stored.hash))
  }
  return blocks
}

/** Numbers and timestamps for all blocks, with empty ones in the gaps between given numbers. */
function planBlocks({ header }: Block, requests: readonly SimulatedBlockRequest[]): PlannedBlock[] {
  const planned: PlannedBlock[] = []
  let { number: lastNumber, timestamp: lastTimestamp } = header
  for (const request of requests) {
    const number = request.block?.number ?? lastNumber + 1n
    if (number <= lastNumber)
      throw new NodeError('BLOCK_NUMBER_NOT_INCREASING', `block numbers must be in order: ${number} <= ${lastNumber}`)
    if (number - header.number > MAX_BLOCKS)
      throw new NodeError('SIMULATION_TOO_LARGE', `too many blocks: wanted at most ${MAX_BLOCKS}, got ${number - header.number}`)
    for (lastNumber++; lastNumber < number; lastNumber++) {
      lastTimestamp += SECONDS_PER_BLOCK
      planned.push({ number: lastNumber, timestamp: lastTimestamp, calls: [] })
    }
    const timestamp = request.block?.timestamp ?? lastTimestamp + SECONDS_PER_BLOCK
    if (timestamp <= lastTimestamp)
      throw new NodeError('BLOCK_TIMESTAMP_NOT_INCREASING', `block timestamps must be in order: ${timestamp} <= ${lastTimestamp}`)
    lastTimestamp = timestamp
    planned.push({ ...request, number, timestamp })
  }
  return planned
}

async function simulateBlock(
  simulation: BlockSimulation,
  { validation, traceTransfers }: SimulationRequest,
  planned: PlannedBlock,
  parent: Block,
  gasCap: bigint,
): Promise<SimulatedBlock> {
  const { machine, common } = simulation
  const withdrawals = planned.block?.withdrawals?.map((withdrawal) => createWithdrawal(withdrawal))
  const fields = headerFields(planned, parent, validation, common)
  const draft = new Block(new BlockHeader(fields, { common }), [], [], withdrawals, { common })
  const seen = overrideBlock(draft, planned.block?.blobBaseFee === undefined ? {} : { blobBaseFee: planned.block.blobBaseFee }, common)
  await overrideAccounts(machine, planned.state ?? {})
  await beginBlock(machine, draft)

  const included: (Candidate & { isFree: boolean })[] = []
  const results: RunTxResult[] = []
  const transfers: TransferLog[][] = []
  const opcodes: (number | undefined)[] = []
  let gasUsed = 0n
  let blobGasUsed = 0n
  for (const call of planned.calls) {
    const remaining = fields.gasLimit - gasUsed
    if (call.gas !== undefined && call.gas > remaining)
      throw new NodeError('BLOCK_GAS_LIMIT_REACHED', `block gas limit reached: ${gasUsed + call.gas} >= ${fields.gasLimit}`)
    const gasLimit = bigIntMin(call.gas ?? remaining, bigIntMax(gasCap - gasUsed, 0n))
    const candidate = await prepare(simulation, call, gasLimit, draft, validation)
    const { tx, sender, isFree } = candidate
    const run = () =>
      seeingBlock(machine, seen, () =>
        runTx(machine.lenientVm, {
          tx: executionView(tx, sender, isFree),
          block: isFree ? overrideBlock(draft, { baseFeePerGas: 0n }, common) : draft,
          blockGasUsed: gasUsed,
          skipNonce: true,
          skipBlockGasLimitValidation: true,
        }),
      )
    const { result, logs, opcode } = await explained(machine, run, traceTransfers)
    opcodes.push(opcode)
    transfers.push(logs)
    included.push(candidate)
    results.push(result)
    gasUsed += result.totalGasSpent
    blobGasUsed += result.blobGasUsed ?? 0n
  }

  await dropEmptyAccounts(machine, Object.keys(planned.state ?? {}) as Hex[])
  const requests = await endBlock(machine, draft, results, simulation.depositContract)
  const transactions = included.map(({ tx }) => tx)
  const header = new BlockHeader(
    {
      ...fields,
      stateRoot: await machine.state.getStateRoot(),
      ...(requests === undefined ? {} : { requestsHash: requestsHash(requests) }),
      ...(withdrawals === undefined ? {} : { withdrawalsRoot: await genWithdrawalsTrieRoot(withdrawals) }),
      transactionsTrie: listRoot(transactions.map((tx) => tx.serialize())),
      receiptTrie: listRoot(results.map(({ receipt }, index) => encodeReceipt(receipt, transactions[index]!.type))),
      logsBloom: unionBloom(common, results),
      gasUsed,
      ...(common.isActivatedEIP(4844) ? { blobGasUsed } : {}),
    },
    { common },
  )
  const block = new Block(header, transactions, [], withdrawals, { common })
  const stored = storedBlock(block, included, results, false)
  let logIndex = 0
  const calls = stored.receipts.map((receipt, index) => {
    const { tx, isFree } = included[index]!
    receipt.effectiveGasPrice = chargedGasPrice(tx, draft.header.baseFeePerGas ?? 0n, isFree)
    const { transactionIndex, transactionHash, blockNumber, blockHash, blockTimestamp } = receipt
    const position = { transactionIndex, transactionHash, blockNumber, blockHash, blockTimestamp }
    const logs = traceTransfers ? transfers[index]!.map((log) => ({ ...log, ...position, logIndex: logIndex++ })) : receipt.logs
    return { ...outcome(results[index]!, opcodes[index]), maxUsedGas: peakGas(tx, results[index]!), logs }
  })
  return { stored, calls }
}

/** Without validation the base fee is 0 until an override says otherwise. */
function headerFields({ number, timestamp, block }: PlannedBlock, { header: parent }: Block, validation: boolean, common: Common) {
  const nextBaseFee = validation && (parent.baseFeePerGas ?? 0n) > 0n ? parent.calcNextBaseFee() : 0n
  return {
    parentHash: parent.hash(),
    number,
    timestamp,
    gasLimit: block?.gasLimit ?? parent.gasLimit,
    coinbase: block?.coinbase ?? parent.coinbase,
    mixHash: block?.prevRandao === undefined ? new Uint8Array(32) : hexToBytes(block.prevRandao),
    ...(common.isActivatedEIP(1559) ? { baseFeePerGas: block?.baseFeePerGas ?? nextBaseFee } : {}),
    ...(common.isActivatedEIP(4844) ? { excessBlobGas: parent.calcNextExcessBlobGas(common) } : {}),
    ...(block?.parentBeaconBlockRoot === undefined ? {} : { parentBeaconBlockRoot: hexToBytes(block.parentBeaconBlockRoot) }),
  }
}

/** The call as a transaction of the block; `isFree` says that no fee is charged for it. */
async function prepare(
  { machine, common, freeGas }: BlockSimulation,
  call: CallRequest,
  gasLimit: bigint,
  { header }: Block,
  validation: boolean,
): Promise<Candidate & { isFree: boolean }> {
  const sender = call.from ?? ZERO_ADDRESS
  const account = await senderState(machine, sender)
  const mostInitCode = common.isActivatedEIP(3860) ? Number(common.param('maxInitCodeSize')) : Number.POSITIVE_INFINITY
  if (call.to === undefined && (call.data?.length ?? 0) > mostInitCode)
    throw new NodeError('INIT_CODE_TOO_LARGE', `max initcode size exceeded: code size ${call.data?.length}, limit ${mostInitCode}`)
  const tx = unsignedWithHash({ ...call, gas: gasLimit, nonce: call.nonce ?? account.nonce }, common)
  if (validation && tx.nonce !== account.nonce) {
    const order = tx.nonce < account.nonce ? 'low' : 'high'
    const message = `nonce too ${order}: next nonce ${account.nonce}, tx nonce ${tx.nonce} (address ${sender})`
    throw new NodeError(order === 'low' ? 'NONCE_TOO_LOW' : 'NONCE_TOO_HIGH', message)
  }
  const baseFee = header.baseFeePerGas ?? 0n
  const offered = offeredFee(tx)
  const isFree = (freeGas && baseFee === 0n) || (!validation && offered === 0n)
  if (!isFree && offered < baseFee)
    throw new NodeError(
      'BASE_FEE_TOO_LOW',
      `max fee per gas less than block base fee: address ${sender}, maxFeePerGas ${offered}, baseFee ${baseFee}`,
    )
  const minimum = minimumGasLimit(tx)
  if (gasLimit < minimum) throw new NodeError('INTRINSIC_GAS_TOO_LOW', `intrinsic gas too low: gas ${gasLimit}, minimum needed ${minimum}`)
  checkFunds(tx, sender, { ...account, isContract: false }, isFree)
  return { tx, sender, isFree }
}

/** Applies state overrides, and the moves of precompiles; a precompile whose account is overridden is none any more. */
async function overrideAccounts(machine: Machine, overrides: Record<Hex, StateOverride>): Promise<void> {
  const precompiles = machine.evm.precompiles
  for (const [address, override] of Object.entries(overrides) as [Hex, StateOverride][]) {
    const key = address.slice(2)
    const precompile = precompiles.get(key)
    const target = override.movePrecompileTo
    if (target !== undefined) {
      if (precompile === undefined) throw new NodeError('NOT_A_PRECOMPILE', `account ${address} is not a precompile`)
      if (target === address || target in overrides)
        throw new NodeError(
          'PRECOMPILE_MOVE_INVALID',
          `precompile ${address} cannot be moved to ${target}: the account is overridden as well`,
        )
      precompiles.set(target.slice(2), precompile)
    }
    precompiles.delete(key)
    await overrideAccount(machine, address, override)
  }
}

/** Overridden accounts that have nothing are none (EIP-161). */
async function dropEmptyAccounts({ state }: Machine, overridden: readonly Hex[]): Promise<void> {
  for (const hex of overridden) {
    const address = createAddressFromString(hex)
    if ((await state.getAccount(address))?.isEmpty() === true) await state.deleteAccount(address)
  }
}

/** Runs a call; where it ends at an invalid opcode, twice more, to tell which one. */
async function explained(machine: Machine, run: () => Promise<RunTxResult>, traceTransfers: boolean) {
  const watched = async () => (traceTransfers ? watchTransfers(machine, run) : { result: await run(), logs: [] })
  await machine.state.checkpoint()
  const first = await watched()
  if (!endsAtInvalidOpcode(first.result.execResult.exceptionError?.error)) {
    await machine.state.commit()
    return { ...first, opcode: undefined }
  }
  await machine.state.revert()
  const opcode = await invalidOpcode(machine, run)
  return { ...(await watched()), opcode }
}

function outcome({ execResult, totalGasSpent }: RunTxResult, opcode: number | undefined): CallResult {
  const error = execResult.exceptionError?.error
  const output = error === undefined || error === 'revert' ? execResult.returnValue : new Uint8Array(0)
  return { output, gasUsed: totalGasSpent, ...(error === undefined ? {} : { error: failureInWords(error, opcode) }) }
}

/** Gas used before refunds are given back. */
const peakGas = (tx: TypedTransaction, { execResult }: RunTxResult): bigint =>
  bigIntMax(execResult.executionGasUsed + intrinsicGas(tx), minimumGasLimit(tx))
