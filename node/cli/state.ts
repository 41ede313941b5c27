/**
 * The state of a model that keeps some between runs, in a file beside its artifact: which outputs are which inputs of the next run, and what
 * the first run is given. The artifact itself has plain inputs and outputs.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { extname } from 'node:path'
import { z } from 'zod'
import type { State } from '../../runtime/import/artifact.ts'
import { portBytes, splitTensors, type TensorPort } from '../client/tensors.ts'
import { readBytes } from './artifact.ts'
import { UsageError } from './errors.ts'

const position = z.number().int().min(0)
const stateFile = z.strictObject({
  states: z.array(z.strictObject({ name: z.string(), input: position, output: position, initial: z.string().regex(/^([0-9a-f]{2})*$/) })),
})

/** `model.infer` → `model.states.json`. */
export function statePath(artifact: string): string {
  return `${artifact.slice(0, artifact.length - extname(artifact).length)}.states.json`
}

/** Without states the file of an earlier import goes. */
export function writeStates(path: string, states: readonly State[]): void {
  if (states.length === 0) {
    rmSync(path, { force: true })
    return
  }
  const rows = states.map(({ initial, ...state }) => ({ ...state, initial: Buffer.from(initial).toString('hex') }))
  writeFileSync(path, `${JSON.stringify({ states: rows }, undefined, 2)}\n`)
}

/**
 * The states that `path` names, or the file beside the artifact where there is one; none otherwise.
 * @throws InputFileError where the file cannot be read, UsageError where it is of another form or does not fit the model
 */
export function readStates(
  path: string | undefined,
  artifact: string,
  inputs: readonly TensorPort[],
  outputs: readonly TensorPort[],
): State[] {
  const file = path ?? statePath(artifact)
  if (path === undefined && !existsSync(file)) return []
  const { success, data, error } = stateFile.safeParse(parseJson(file))
  if (!success) throw new UsageError(`${file}: ${error.issues[0]?.path.join('.')} ${error.issues[0]?.message}`)
  const states = data.states.map((state) => ({ ...state, initial: new Uint8Array(Buffer.from(state.initial, 'hex')) }))
  for (const { name, input, output, initial } of states) {
    const [from, to] = [outputs[output], inputs[input]]
    if (from === undefined || to === undefined || portBytes(from) !== portBytes(to) || initial.length !== portBytes(to))
      throw new UsageError(`${file}: "${name}" joins output ${output} to input ${input}, which the model does not have in that size`)
  }
  if (new Set(states.map(({ input }) => input)).size !== states.length) throw new UsageError(`${file}: two states have one input`)
  return states
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(Buffer.from(readBytes(file)).toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`${file} is not JSON`)
    throw error
  }
}

/** The ports that are no state, in their order. */
export function ownPorts(ports: readonly TensorPort[], states: readonly State[], side: 'input' | 'output'): TensorPort[] {
  return ports.filter((_, position) => states.every((state) => state[side] !== position))
}

/** Runs samples of the model's own inputs one after the other, each with the state that the last one left; gives its own outputs. */
export function runSequence(
  run: (input: Uint8Array) => Uint8Array,
  samples: readonly Uint8Array[],
  inputs: readonly TensorPort[],
  outputs: readonly TensorPort[],
  states: readonly State[],
): Uint8Array[] {
  if (states.length === 0) return samples.map((sample) => run(sample))
  let carried = states.map(({ initial }) => initial)
  return samples.map((sample) => {
    const own = splitTensors(sample, ownPorts(inputs, states, 'input'))
    const given = inputs.map((_, position) => {
      const state = states.findIndex(({ input }) => input === position)
      return state < 0 ? own.shift()! : carried[state]!
    })
    const results = splitTensors(run(Buffer.concat(given)), outputs)
    carried = states.map(({ output }) => results[output]!)
    return Buffer.concat(results.filter((_, position) => states.every(({ output }) => output !== position)))
  })
}
