/**
 * Files of round trips in the form of the execution API's tests (github.com/ethereum/execution-apis, tests/README.md): lines with `>>` are
 * requests, each followed by its answer behind `<<`; lines with `//` are comments, of which `speconly:` says that the answer's form alone counts.
 */

export interface RoundTrip {
  readonly request: { readonly method: string } & Record<string, unknown>
  readonly answer: Record<string, unknown>
}

export interface IoFile {
  readonly roundTrips: readonly RoundTrip[]
  readonly isSpecOnly: boolean
}

/** @throws Error naming the line that is wrong */
export function parseIoFile(text: string): IoFile {
  const roundTrips: RoundTrip[] = []
  let request: RoundTrip['request'] | undefined
  let isSpecOnly = false
  for (const [index, line] of text.split('\n').entries()) {
    const fail = (problem: string): never => {
      throw new Error(`line ${index + 1}: ${problem}`)
    }
    if (line.startsWith('//')) isSpecOnly ||= line.slice(2).trimStart().startsWith('speconly:')
    else if (line.startsWith('>> ')) {
      if (request !== undefined) fail('a request follows a request')
      request = JSON.parse(line.slice(3)) as RoundTrip['request']
    } else if (line.startsWith('<< ')) {
      if (request === undefined) return fail('an answer without a request')
      roundTrips.push({ request, answer: JSON.parse(line.slice(3)) as RoundTrip['answer'] })
      request = undefined
    } else if (line.trim() !== '') fail('neither a comment, nor a request, nor an answer')
  }
  if (request !== undefined) throw new Error('the last request has no answer')
  return { roundTrips, isSpecOnly }
}
