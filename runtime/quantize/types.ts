/** Which quantized tensors are int8, and which int16. */
import type { Imported } from '../import/artifact.ts'
import { ImportError } from '../import/errors.ts'
import type { OnnxGraph } from '../import/onnx/parse.ts'
import type { OutputAgreement } from './agreement.ts'
import { canBeWide } from './kinds.ts'
import type { QuantizedTensor } from './place.ts'
import type { Scales } from './qdq.ts'

export type Int16 = 'auto' | 'none' | 'all'

/** A model with some tensors of int16, and how it agrees with the float model. */
export type Attempt = {
  readonly scales: Scales
  readonly qdq: OnnxGraph
  readonly imported: Imported
  readonly outputs: readonly OutputAgreement[]
}

/** What int8 has to reach in every output. */
const enough = { decibels: 30, top1: 0.99 }

/** int16 costs time and weights stay int8: it must be worth as much. */
const leastGain = 3

/** `roundings`: of tensors as int8, in dB. */
export async function chooseTypes(
  int16: Int16,
  tensors: readonly QuantizedTensor[],
  attempt: (wide: ReadonlySet<string>) => Promise<Attempt>,
  roundings: (names: readonly string[]) => Promise<ReadonlyMap<string, number>>,
): Promise<Attempt> {
  const able = tensors.filter(({ steps }) => steps.every(({ op }) => canBeWide(op))).map(({ name }) => name)
  if (int16 === 'all') return attempt(new Set(able))
  const narrow = await attempt(new Set())
  if (int16 === 'none' || able.length === 0 || suffices(narrow)) return narrow
  const noise = await roundings(able)
  const worstFirst = [...able].sort((a, b) => noise.get(a)! - noise.get(b)!)
  let best = narrow
  for (let count = 1; ; count = Math.min(2 * count, able.length)) {
    const wide = await unlessRefused(attempt(new Set(worstFirst.slice(0, count))))
    if (wide !== undefined && suffices(wide)) return wide
    if (wide !== undefined && leastRatio(wide) > leastRatio(best)) best = wide
    if (count === able.length) break
  }
  return leastRatio(best) >= leastRatio(narrow) + leastGain ? best : narrow
}

/** A model that int8 has a form of may have none with some tensors of int16: scales too far apart, an operator of int8 alone. */
async function unlessRefused(attempt: Promise<Attempt>): Promise<Attempt | undefined> {
  try {
    return await attempt
  } catch (error) {
    if (error instanceof ImportError && error.code === 'unsupported') return undefined
    throw error
  }
}

function suffices({ outputs }: Attempt): boolean {
  return outputs.every(({ sqnr, top1 }) => sqnr >= enough.decibels && (top1 === undefined || top1 >= enough.top1))
}

function leastRatio({ outputs }: Attempt): number {
  return Math.min(...outputs.map(({ sqnr }) => sqnr))
}
