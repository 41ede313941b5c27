/** A block made on demand and thrown away, as `testing_buildBlockV1` asks for it (execution-apis, testing). */

import { bytesToHex, createWithdrawal, hexToBytes } from '@ethereumjs/util'
import { NodeError } from '../errors.ts'
import { createMachine } from '../state/machine.ts'
import { buildBlock, type Candidate } from './build.ts'
import { type Core, requireBlock } from './core.ts'
import type { Senders } from './senders.ts'
import type { BuiltPayload, PayloadRequest } from './types.ts'

/** What blocks grow or shrink towards, as geth's miner does by default. */
const DESIRED_GAS_LIMIT = 60_000_000n
/** Yellow Paper, 4.4.4. */
const GAS_LIMIT_DIVISOR = 1024n

/** @throws NodeError BLOCK_NOT_FOUND, and whatever makes one of the given transactions invalid */
export async function buildPayload(core: Core, senders: Senders, request: PayloadRequest): Promise<BuiltPayload> {
  const { config, forks, archive, context, mempool } = core
  const parent = requireBlock(core, { blockHash: request.parentHash })
  const { header } = parent.block
  if (request.timestamp <= header.timestamp)
    throw new NodeError('TIMESTAMP_TOO_LOW', `invalid timestamp: got ${request.timestamp}, the parent has ${header.timestamp}`)
  const common = forks.after(header, request.timestamp)
  const { transactions } = request
  const candidates: Candidate[] =
    transactions === undefined ? mempool.executable() : await Promise.all(transactions.map((raw) => senders.open(raw)))
  const plan = {
    config,
    common,
    parent: parent.block,
    timestamp: request.timestamp,
    coinbase: request.feeRecipient,
    gasLimit: config.rules === 'ethereum' ? approach(header.gasLimit, DESIRED_GAS_LIMIT) : core.mining.gasLimit,
    prevRandao: hexToBytes(request.prevRandao),
    extraData: request.extraData,
    withdrawals: request.withdrawals?.map((withdrawal) => createWithdrawal(withdrawal)),
    parentBeaconBlockRoot: request.parentBeaconBlockRoot === undefined ? undefined : hexToBytes(request.parentBeaconBlockRoot),
  }
  const machine = await createMachine(context, common, archive.stateRootAfter(parent))
  const { stored, refused, requests, fees } = await buildBlock(machine, plan, candidates)
  if (transactions !== undefined && refused[0] !== undefined) throw refused[0].error
  const included = new Set(stored.receipts.map(({ transactionHash }) => transactionHash))
  const sidecars = candidates
    .map(({ tx }) => tx)
    .filter((tx) => 'blobs' in tx && tx.blobs !== undefined && included.has(bytesToHex(tx.hash())))
  return { stored, requests, fees, sidecars: sidecars.map(sidecarOf) }
}

function sidecarOf(tx: Candidate['tx']): BuiltPayload['sidecars'][number] {
  const { blobs = [], kzgCommitments = [], kzgProofs = [] } = tx as { blobs?: string[]; kzgCommitments?: string[]; kzgProofs?: string[] }
  return { blobs, commitments: kzgCommitments, proofs: kzgProofs }
}

function approach(gasLimit: bigint, desired: bigint): bigint {
  const step = gasLimit / GAS_LIMIT_DIVISOR - 1n
  if (gasLimit < desired) return gasLimit + step < desired ? gasLimit + step : desired
  return gasLimit - step > desired ? gasLimit - step : desired
}
