/** SAME and VALID padding of convolutions and pools. */
import type { NodeView } from './rule.ts'

/** Strides, padding kind, and that the result has the size they give. */
export function checkPadding(view: NodeView): void {
  const padding = view.text('padding', 'SAME')
  if (padding !== 'SAME' && padding !== 'VALID') view.refuse(`it has ${padding}`, 'SAME or VALID')
  for (const option of ['strideH', 'strideW']) if (view.number(option) < 1) view.refuse(`${option} is ${view.number(option)}`, '1 or more')
}

/** padTop … padRight as TFLite computes them: SAME spreads what the last window lacks, the odd one after. */
export function windowPadding(
  view: NodeView,
  kernelH: number,
  kernelW: number,
): Record<'padTop' | 'padBottom' | 'padLeft' | 'padRight', number> {
  const [, height, width] = view.input(0).shape as [number, number, number]
  const [padTop, padBottom] = along(view, height, view.number('strideH'), (kernelH - 1) * view.number('dilationH', 1) + 1)
  const [padLeft, padRight] = along(view, width, view.number('strideW'), (kernelW - 1) * view.number('dilationW', 1) + 1)
  return { padTop, padBottom, padLeft, padRight }
}

function along(view: NodeView, size: number, stride: number, kernel: number): [before: number, after: number] {
  if (view.text('padding', 'SAME') === 'VALID') return [0, 0]
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0)
  return [Math.floor(total / 2), total - Math.floor(total / 2)]
}
