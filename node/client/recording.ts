/** What a node answered to calls of the precompile IInference, as a file: contracts/testing/RecordedInference.sol replays it in other EVMs. */
import { type Hex, isHex } from 'viem'

/** One call and the node's answer. */
export interface RecordedCall {
  /** Name of the function, for readers of the file. */
  function: string
  callData: Hex
  isRevert: boolean
  /** What was returned, or the revert's data. */
  data: Hex
}

const format = 'infernode recording 1'

/** Lists of one length, an entry for each call: what forge's cheatcodes can read. */
interface RecordingFile {
  format: string
  functions: string[]
  callData: Hex[]
  isRevert: boolean[]
  data: Hex[]
}

/** The file's text: the same calls give the same bytes. */
export function recordingText(calls: readonly RecordedCall[]): string {
  const file: RecordingFile = {
    format,
    functions: calls.map((call) => call.function),
    callData: calls.map(({ callData }) => callData),
    isRevert: calls.map(({ isRevert }) => isRevert),
    data: calls.map(({ data }) => data),
  }
  return `${JSON.stringify(file, undefined, 1)}\n`
}

/**
 * @param name of the file, for messages.
 * @throws RecordingError
 */
export function parseRecording(text: string, name: string): RecordedCall[] {
  const fail = (what: string): never => {
    throw new RecordingError(`${name} is no recording: ${what}; infernode record writes them`)
  }
  let file: Partial<RecordingFile> | null
  try {
    file = JSON.parse(text)
  } catch (cause) {
    return fail((cause as Error).message)
  }
  if (file?.format !== format) fail(`its format is ${JSON.stringify(file?.format)}, wanted ${JSON.stringify(format)}`)
  const { functions, callData, isRevert, data } = file as Partial<RecordingFile>
  const lists = { functions, callData, isRevert, data }
  const count = functions?.length
  for (const [list, entries] of Object.entries(lists))
    if (!Array.isArray(entries) || entries.length !== count) fail(`its ${list} is no list of ${count ?? 'calls'}`)
  return functions!.map((name, index) => {
    const call = { function: name, callData: callData![index]!, isRevert: isRevert![index]!, data: data![index]! }
    if (typeof name !== 'string' || !isHex(call.callData) || typeof call.isRevert !== 'boolean' || !isHex(call.data))
      fail(`entry ${index} is no name, bytes, boolean and bytes`)
    return call
  })
}

/** A file that holds no recording. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly code = 'RECORDING_INVALID'
}
