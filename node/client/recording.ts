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

/** The file's text: the same calls give the same bytes. */
export function recordingText(calls: readonly RecordedCall[]): string {
  const ordered = calls.map(({ function: name, callData, isRevert, data }) => ({ function: name, callData, isRevert, data }))
  return `${JSON.stringify({ format, calls: ordered }, undefined, 2)}\n`
}

/**
 * @param name of the file, for messages.
 * @throws RecordingError
 */
export function parseRecording(text: string, name: string): RecordedCall[] {
  const fail = (what: string): never => {
    throw new RecordingError(`${name} is no recording: ${what}; infernode record writes them`)
  }
  let file: { format?: unknown; calls?: unknown }
  try {
    file = JSON.parse(text)
  } catch (cause) {
    return fail((cause as Error).message)
  }
  if (file?.format !== format) fail(`its format is ${JSON.stringify(file?.format)}, wanted ${JSON.stringify(format)}`)
  if (!Array.isArray(file.calls)) return fail('it has no list of calls')
  file.calls.forEach((call: Partial<RecordedCall> | null, index) => {
    if (typeof call?.function !== 'string' || !isHex(call.callData) || typeof call.isRevert !== 'boolean' || !isHex(call.data))
      fail(`call ${index} lacks function, callData, isRevert or data`)
  })
  return file.calls
}

/** A file that holds no recording. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly code = 'RECORDING_INVALID'
}
