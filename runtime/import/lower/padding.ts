/** SAME and VALID padding of convolutions and pools. */
import { limits } from '../../model/types.ts'
import type { NodeView } from './rule.ts'

const dimensions = ['height', 'width'] as const

/** Padding kind, strides, and that windows of the kernel lead from the operand's picture to the result's. Both must have rank 4. */
export function checkWindows(view: NodeView, kernelH: number, kernelW: number): void {
  const padding = view.text('padding', 'SAME')
  if (padding !== 'SAME' && padding !== 'VALID') view.refuse(`it has ${padding}`, 'SAME or VALID')
  const options = ['strideH', 'strideW', 'dilationH', 'dilationW'] as const
  const wrong = options.filter((option) => view.number(option, 1) < 1 || view.number(option, 1) > limits.dimension)
  for (const option of wrong) view.refuse(`${option} is ${view.number(option)}`, `1 to ${limits.dimension}`)
  const [x, y] = [view.input(0).shape, view.output().shape]
  if (wrong.length > 0 || x.length !== 4 || y.length !== 4) return
  if (x[0] !== y[0]) view.refuse(`its operand has ${x[0]} pictures, its result ${y[0]}`)
  const kernels = [extent(view, kernelH, 'dilationH'), extent(view, kernelW, 'dilationW')]
  if (Math.max(...kernels) > limits.dimension) view.refuse(`its windows are ${kernels} in height and width`, `up to ${limits.dimension}`)
  const strides = [view.number('strideH', 1), view.number('strideW', 1)]
  for (const [axis, dimension] of dimensions.entries()) {
    const [size, kernel, stride] = [x[axis + 1]!, kernels[axis]!, strides[axis]!]
    const wanted = padding === 'SAME' ? Math.ceil(size / stride) : Math.floor((size - kernel) / stride) + 1
    if (wanted < 1) view.refuse(`its windows are ${kernel} in ${dimension}, its operand ${size}`)
    else if (y[axis + 1] !== wanted) view.refuse(`its result has ${dimension} ${y[axis + 1]}, its windows give ${wanted}`)
  }
}

/** padTop … padRight as TFLite computes them: SAME spreads what the last window lacks, the odd one after. */
export function windowPadding(
  view: NodeView,
  kernelH: number,
  kernelW: number,
): Record<'padTop' | 'padBottom' | 'padLeft' | 'padRight', number> {
  const [, height, width] = view.input(0).shape as [number, number, number]
  const [padTop, padBottom] = along(view, height, view.number('strideH', 1), extent(view, kernelH, 'dilationH'))
  const [padLeft, padRight] = along(view, width, view.number('strideW', 1), extent(view, kernelW, 'dilationW'))
  return { padTop, padBottom, padLeft, padRight }
}

/** Pixels from the first to the last tap of a dilated kernel. */
function extent(view: NodeView, kernel: number, dilation: 'dilationH' | 'dilationW'): number {
  return (kernel - 1) * view.number(dilation, 1) + 1
}

function along(view: NodeView, size: number, stride: number, kernel: number): [before: number, after: number] {
  if (view.text('padding', 'SAME') === 'VALID') return [0, 0]
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0)
  return [Math.floor(total / 2), total - Math.floor(total / 2)]
}
