import { operators } from '../../runtime/model/operators.ts'
import { interleave } from '../measure.ts'
import { benchArtifact, type OperatorBench } from '../one-operator.ts'
import { type Row, rowsOf } from '../report.ts'
import { infernodeInPlace } from '../subjects.ts'

/** Every operator's own file in bench/ops, in both builds, in place. */
export async function operatorsPart(): Promise<Row[]> {
  const rows: Row[] = []
  for (const { name } of operators) {
    const { bench } = (await import(`../ops/${name}.ts`)) as { bench: OperatorBench }
    for (const shapes of bench.cases)
      for (const rounding of (shapes.requantizations ?? 0) > 0 ? (['fp32', 'single', 'double'] as const) : (['double'] as const)) {
        const { artifact, input } = benchArtifact(bench.operator, rounding, shapes)
        const timings = await interleave([infernodeInPlace(artifact, input), infernodeInPlace(artifact, input, 'infernode.scalar.wasm')])
        const mode = shapes.requantizations === undefined ? '' : `, ${rounding}`
        rows.push(...rowsOf('operators', `${name} ${shapes.name}${mode}`, timings))
      }
  }
  return rows
}
