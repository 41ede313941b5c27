/** The last stage of every importer: canonical order, limits, bytes, and what there is to tell about them. */
import { canonicalize } from '../model/canonical.ts'
import { ModelError } from '../model/errors.ts'
import { encodeModel, limits, type Model, modelId, type TensorType } from '../model/types.ts'
import { ImportError } from './errors.ts'

/**
 * A model input or output as people know it. `source`: its type in the file; the artifact's tensor is `type`, real = scale · (q − zeroPoint).
 * `isBits`: the int32 are the bits of float32 (docs/arithmetic.md); there is no scale then.
 * `order`, where the artifact has the dimensions of the file's `sourceShape` in another order: dimension i of `shape` is dimension order[i].
 */
export type ImportedPort = {
  name: string
  source: string
  type: TensorType
  shape: number[]
  scale: number
  zeroPoint: number
  isBits?: true
  order?: number[]
  sourceShape?: number[]
}

/**
 * State that a model keeps between runs: the output at position `output` is the next run's input at position `input`, `initial` (as the
 * artifact has it) the first run's.
 */
export type State = { name: string; input: number; output: number; initial: Uint8Array }

export type Imported = {
  model: Model
  /** The artifact. */
  bytes: Uint8Array
  id: `0x${string}`
  inputs: ImportedPort[]
  outputs: ImportedPort[]
  /** The ports that carry state come behind the model's own. */
  states: State[]
  /** Names by the artifact's indices: of tensors, and of the source node of each operator. */
  names: { tensors: string[]; operators: string[] }
  report: {
    /** How often each operator occurs in the file and in the artifact. */
    sourceOperators: Record<string, number>
    operators: Record<string, number>
    constantBytes: number
    notes: string[]
  }
}

/** `model` in any order, its tensors and operators named by `tensorNames` and `operatorNames`; `sourceOperators`: of every node of the file. */
export type Draft = {
  readonly format: string
  readonly model: Model
  readonly tensorNames: readonly string[]
  readonly operatorNames: readonly string[]
  readonly inputs: ImportedPort[]
  readonly outputs: ImportedPort[]
  readonly states?: State[]
  readonly sourceOperators: readonly string[]
  readonly notes: string[]
}

/** @throws ImportError `malformed` where the model has no order, `unsupported` where it is too large */
export function finish(draft: Draft): Imported {
  const { model, tensors, operators } = canonical(draft)
  checkLimits(model)
  const bytes = encodeModel(model)
  return {
    model,
    bytes,
    id: modelId(bytes),
    inputs: draft.inputs,
    outputs: draft.outputs,
    states: draft.states ?? [],
    names: {
      tensors: tensors.map((index) => draft.tensorNames[index]!),
      operators: operators.map((index) => draft.operatorNames[index]!),
    },
    report: {
      sourceOperators: count(draft.sourceOperators),
      operators: count(model.operators.map(({ name }) => name)),
      constantBytes: model.tensors.reduce((total, { data }) => total + data.length, 0),
      notes: draft.notes,
    },
  }
}

function canonical({ model, format }: Draft): ReturnType<typeof canonicalize> {
  try {
    return canonicalize(model)
  } catch (error) {
    if (error instanceof ModelError) throw new ImportError('malformed', `not a usable ${format} file: ${error.message}`)
    throw error
  }
}

/** What only the whole artifact shows. */
function checkLimits(model: Model): void {
  const constantBytes = model.tensors.reduce((total, { data }) => total + data.length, 0)
  const sizes = [
    ['tensors', model.tensors.length, limits.tensors],
    ['operators', model.operators.length, limits.operators],
    ['bytes of constants', constantBytes, limits.artifactBytes],
  ] as const
  for (const [what, got, most] of sizes)
    if (got > most) throw new ImportError('unsupported', `the model has ${got} ${what}; an artifact holds at most ${most}`)
}

function count(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
