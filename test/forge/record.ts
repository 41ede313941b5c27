/** node test/forge/record.ts: writes tensor.recording.json, what the precompile ITensor answers to valid and refused calls of each function, for forge. */
import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { callAnswer } from '../../node/client/actions/record-inferences.ts'
import { type RecordedCall, recordingText } from '../../node/client/recording.ts'
import { addresses } from '../../precompiles/addresses.ts'
import { startClientNode } from '../client/support.ts'
import { anyCall } from '../suites/tensor-calls.ts'
import { encodeTensor, tensorCases } from '../suites/tensor-cases.ts'

const seed = 20
const callsOfFunction = 4
/** Of which those are kept that are refused in a way that none before was. */
const refusedCalls = 400

const { node, client } = await startClientNode()
const calls: RecordedCall[] = []
const record = async (name: string, args: readonly unknown[], isWanted: (call: RecordedCall) => boolean) => {
  const callData = encodeTensor(name, args)
  const recorded = { function: name, callData, ...(await callAnswer(client, { to: addresses.tensor, data: callData })) }
  if (isWanted(recorded)) calls.push(recorded)
}
/** The error, and of InvalidModel its code: behind the selector are five words, and then the code's letters. */
const refusalOf = ({ data }: RecordedCall) => data.slice(0, 10) + data.slice(10 + 5 * 64, 10 + 6 * 64)

for (const { functionName, args } of tensorCases) await record(functionName, args, () => true)
for (const name of new Set(tensorCases.map(({ functionName }) => functionName))) {
  for (const args of fc.sample(anyCall(name), { seed, numRuns: callsOfFunction })) await record(name, args, () => true)
  const known = new Set(calls.filter((call) => call.function === name && call.isRevert).map(refusalOf))
  for (const args of fc.sample(anyCall(name), { seed: seed + 1, numRuns: refusedCalls }))
    await record(name, args, (call) => {
      if (!call.isRevert || known.has(refusalOf(call))) return false
      known.add(refusalOf(call))
      return true
    })
}
await node.close()
writeFileSync(new URL('tensor.recording.json', import.meta.url), recordingText(calls))
