/** node test/forge/record.ts: writes tensor.recording.json, what the precompile ITensor answers to valid and refused calls of each function, for forge. */
import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Hex } from 'viem'
import { callAnswer } from '../../node/client/actions/record-inferences.ts'
import { type RecordedCall, recordingText } from '../../node/client/recording.ts'
import { addresses } from '../../precompiles/addresses.ts'
import { startClientNode } from '../client/support.ts'
import { anyCall } from '../suites/tensor-calls.ts'
import { encodeTensor, tensorCases } from '../suites/tensor-cases.ts'

const seed = 20
const callsOfFunction = 9

const named = new Set(tensorCases.map(({ functionName }) => functionName))
const questions: [name: string, callData: Hex][] = [
  ...tensorCases.map(({ functionName, args }): [string, Hex] => [functionName, encodeTensor(functionName, args)]),
  ...[...named].flatMap((name) =>
    fc.sample(anyCall(name), { seed, numRuns: callsOfFunction }).map((args): [string, Hex] => [name, encodeTensor(name, args)]),
  ),
]
const { node, client } = await startClientNode()
const calls: RecordedCall[] = []
for (const [name, callData] of questions)
  calls.push({ function: name, callData, ...(await callAnswer(client, { to: addresses.tensor, data: callData })) })
await node.close()
writeFileSync(new URL('tensor.recording.json', import.meta.url), recordingText(calls))
