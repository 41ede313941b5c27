/** eth_simulateV1: calls in blocks that do not happen. */
import { z } from 'zod'
import { revertMessage } from '../../chain/revert.ts'
import type { SimulatedBlock, SimulatedBlockRequest } from '../../chain/types.ts'
import { errorNumber, simulationError } from '../errors.ts'
import { blockJson, logJson } from '../format.ts'
import { quantity, toHex } from '../hex.ts'
import { defineMethod } from '../method.ts'
import { blockOrLatest, blockOverrides, blockStateOverrides, optional, transactionRequest } from '../params.ts'

const flag = optional(z.boolean())

const simulation = z.object({
  blockStateCalls: z
    .array(
      z.object({
        blockOverrides: optional(blockOverrides),
        stateOverrides: optional(blockStateOverrides),
        calls: optional(z.array(transactionRequest)),
      }),
    )
    .min(1, 'wanted at least one block'),
  validation: flag,
  traceTransfers: flag,
  returnFullTransactions: flag,
})

export const simulateMethods = [
  defineMethod({
    name: 'eth_simulateV1',
    summary: 'Runs calls in blocks on top of a block, each with overrides; returns the blocks with the calls’ results and logs.',
    params: { simulation, block: blockOrLatest },
    async run({ chain }, { simulation, block }) {
      const { blockStateCalls, validation, traceTransfers, returnFullTransactions } = simulation
      const blocks = blockStateCalls.map(
        ({ blockOverrides, stateOverrides, calls }): SimulatedBlockRequest => ({
          ...(blockOverrides ? { block: blockOverrides } : {}),
          ...(stateOverrides ? { state: stateOverrides } : {}),
          calls: calls ?? [],
        }),
      )
      const request = { blocks, validation: validation ?? false, traceTransfers: traceTransfers ?? false }
      try {
        const simulated = await chain.simulateBlocks(request, block)
        return simulated.map(({ stored, calls }) => ({
          ...blockJson(stored, returnFullTransactions ? 'full' : 'hashes'),
          calls: calls.map(callJson),
        }))
      } catch (error) {
        throw simulationError(error)
      }
    },
  }),
]

function callJson({ output, logs, gasUsed, maxUsedGas, error }: SimulatedBlock['calls'][number]) {
  return {
    returnData: toHex(error === 'revert' ? new Uint8Array(0) : output),
    logs: logs.map(logJson),
    gasUsed: quantity(gasUsed),
    maxUsedGas: quantity(maxUsedGas),
    status: quantity(error === undefined ? 1 : 0),
    ...(error === undefined ? {} : { error: callError(error, output) }),
  }
}

const callError = (error: string, output: Uint8Array) =>
  error === 'revert'
    ? { message: revertMessage(output), code: errorNumber.revert, data: toHex(output) }
    : { message: error, code: errorNumber.vm }
