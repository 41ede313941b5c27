/** The float model's values over all samples: run once, and kept where they fit in memory. */
import type { OnnxGraph } from '../import/onnx/parse.ts'
import { type FloatModel, type FloatTensor, openFloatModel } from './float-runtime.ts'

export type Values = ReadonlyMap<string, FloatTensor>

export type Recording = {
  /** Visits every sample in order, with its inputs and the exposed values. */
  each(visit: (values: Values, index: number) => void): Promise<void>
  close(): Promise<void>
}

const keptBytes = 512 * 2 ** 20

/** `samples`: the model's inputs. */
export async function recordFloat(graph: OnnxGraph, exposed: Iterable<string>, samples: readonly Values[]): Promise<Recording> {
  const model = await openFloatModel(graph, exposed)
  const kept: Values[] = []
  let bytes = 0
  return {
    async each(visit) {
      for (const [index, sample] of samples.entries()) {
        const values = kept[index] ?? (await valuesOf(model, sample))
        if (kept.length === index) {
          bytes += [...values.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
          if (bytes <= keptBytes) kept.push(values)
        }
        visit(values, index)
      }
    },
    close: () => model.close(),
  }
}

async function valuesOf(model: FloatModel, sample: Values): Promise<Values> {
  return new Map([...sample, ...(await model.run(sample))])
}
