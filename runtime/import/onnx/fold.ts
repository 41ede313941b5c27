/** Constants from what a rule has made of constants: its operators are run now. */

import type { Model } from '../../model/types.ts'
import { run } from '../../reference/run.ts'
import type { Values } from '../../reference/tensor.ts'
import { elements, valuesFromBytes } from '../../reference/tensor.ts'
import { constantOf } from './constant.ts'
import { checkSize, type Emitter } from './emitter.ts'
import type { WholeType } from './names.ts'
import type { Placed, Value } from './value.ts'

/** `emitter` holds nothing but the rule's operators. Values that are no whole numbers stay as they are. */
export function folded(values: readonly Value[], emitter: Emitter): Value[] {
  return values.map((value) => {
    if (value.kind === 'activation')
      return constantOf(emitter.builder.nodeName, value.stored, value.shape, numbersOf(emitter, value.stored, value))
    if (value.kind !== 'accumulator') return value
    return constantOf(emitter.builder.nodeName, value.source, value.shape, numbersOf(emitter, value.source, value.emit()))
  })
}

function numbersOf(emitter: Emitter, type: WholeType, placed: Placed): number[] {
  checkSize(placed.shape)
  const { tensor } = emitter.straightened(placed)
  const { tensors, operators } = emitter.builder
  const { data, type: storage } = tensors[tensor]!
  const model: Model = { rounding: 'fp32', tensors, operators, inputs: [], outputs: [{ tensor, scale: 0, zeroPoint: 0 }] }
  const values: Values = data.length > 0 ? valuesFromBytes(storage, data) : run(model, [])[0]!
  const numbers = Array.from({ length: elements(placed.shape) }, (_, at) => values[at]!)
  if (type === 'uint8') return numbers.map((value) => value + 128)
  return type === 'uint32' || type === 'uint64' ? numbers.map((value) => value >>> 0) : numbers
}
