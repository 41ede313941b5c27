/** Output bytes as people read them. */
import { argmax, elementsOf, splitTensors, type TensorPort } from '../client/tensors.ts'

const mostShown = 16

/** A line for each output: the largest element where it is one row of several classes, and the elements themselves. */
export function answerText(output: Uint8Array, ports: readonly TensorPort[], label?: string): string {
  return splitTensors(output, ports)
    .map((part, i) => {
      const port = ports[i] as TensorPort
      const values = elementsOf(part, port)
      const numbers = `[${values.slice(0, mostShown).join(', ')}${values.length > mostShown ? `, … ${values.length} in all` : ''}]`
      const names = [label, ports.length > 1 ? `output ${i}` : undefined].filter((name) => name !== undefined)
      const lead = names.length === 0 ? '' : `${names.join(', ')}: `
      return `${lead}${values.length > 1 ? `largest at ${argmax(values)}${realText(values[argmax(values)]!, port)}  ` : ''}${numbers}`
    })
    .join('\n')
}

/** ` (0.9961)`: the real number that a quantized one stands for; empty where the tensor has no scale. */
export function realText(value: number, { scale, zeroPoint }: TensorPort): string {
  return scale === 0 ? '' : ` (${Number((scale * (value - zeroPoint)).toPrecision(4))})`
}
