import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operators } from '../../runtime/model/operators.ts'
import { encodeModel, ModelContainer, type ModelFields, modelFields } from '../../runtime/model/types.ts'
import { assertReference, refusal } from './harness.ts'
import { diamond } from './networks.ts'

type Expected = { code: number; operator?: number; tensor?: number; field?: number; got?: number; wanted?: number }

const largestCode = Math.max(...operators.map(({ code }) => code))

const status = { truncated: 1, encoding: 2, format: 3, rounding: 4, limit: 5, operator: 6, tensor: 7, shape: 9, order: 10, port: 11 }

function assertRefused(bytes: Uint8Array, expected: Expected): void {
  const { got, wanted, ...record } = refusal(bytes)
  const all: Record<string, number | undefined> = { ...record, got: Number(got), wanted: Number(wanted) }
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, all[key]])), expected)
}

/** A test that the diamond, changed so, is refused. */
function refuses(what: string, change: (fields: ModelFields) => void, expected: Expected): void {
  test(`refuses ${what}`, () => {
    const fields = modelFields(diamond())
    change(fields)
    assertRefused(ModelContainer.serialize(fields), expected)
  })
}

/** A test that the diamond's bytes, changed so, are refused. */
function refusesBytes(what: string, change: (bytes: Uint8Array, view: DataView) => Uint8Array | undefined, expected: Expected): void {
  test(`refuses ${what}`, () => {
    const bytes = encodeModel(diamond())
    assertRefused(change(bytes, new DataView(bytes.buffer, bytes.byteOffset)) ?? bytes, expected)
  })
}

test('accepts the diamond and runs it', () => {
  for (const rounding of ['fp32', 'single', 'double'] as const) assertReference(diamond(rounding))
})

// 1. Offsets. The fixed part of Model has 19 bytes: format 0, rounding 2, offsets at 3, 7, 11, 15.
refusesBytes('no bytes at all', () => new Uint8Array(), { code: status.truncated, field: 0, got: 0, wanted: 19 })
refusesBytes('the fixed part cut short', (bytes) => bytes.slice(0, 18), { code: status.truncated, got: 18, wanted: 19 })
refusesBytes('a first offset past the fixed part', (_, view) => void view.setUint32(3, 20, true), {
  code: status.encoding,
  field: 2,
  got: 20,
  wanted: 19,
})
refusesBytes('a first offset inside the fixed part', (_, view) => void view.setUint32(3, 18, true), {
  code: status.encoding,
  field: 2,
  got: 18,
  wanted: 19,
})
refusesBytes('offsets that go back', (_, view) => void view.setUint32(11, view.getUint32(7, true) - 1, true), {
  code: status.encoding,
  field: 4,
})
refusesBytes('an offset past the end', (bytes, view) => void view.setUint32(15, bytes.length + 1, true), {
  code: status.truncated,
  field: 5,
})
refusesBytes('an offset of 2^32 − 1', (_, view) => void view.setUint32(7, 0xffffffff, true), {
  code: status.truncated,
  field: 3,
  got: 0xffffffff,
})
refusesBytes('a byte behind the last field', (bytes) => Uint8Array.from([...bytes, 0]), {
  code: status.encoding,
  field: 5,
  got: 21,
  wanted: 20,
})
refusesBytes('a last field that ends early', (bytes) => bytes.slice(0, -1), { code: status.encoding, field: 5, got: 19, wanted: 10 })
refusesBytes('a list of containers whose first offset is no multiple of 4', (_, view) => void view.setUint32(19, 37, true), {
  code: status.encoding,
  field: 2,
  got: 37,
  wanted: 36,
})
refusesBytes('a list of containers whose first offset is 0', (_, view) => void view.setUint32(19, 0, true), {
  code: status.encoding,
  field: 2,
  got: 0,
  wanted: 4,
})
refusesBytes('a list of containers whose first offset is outside', (_, view) => void view.setUint32(19, 2 ** 20, true), {
  code: status.truncated,
  field: 2,
  got: 2 ** 20,
})
refusesBytes('containers whose offsets go back', (_, view) => void view.setUint32(23, 35, true), {
  code: status.encoding,
  tensor: 0,
  got: 35,
  wanted: 36,
})
refusesBytes('a container shorter than its fixed part', (_, view) => void view.setUint32(23, 44, true), {
  code: status.truncated,
  tensor: 0,
  got: 8,
  wanted: 9,
})
refusesBytes('a shape of half a dimension', (_, view) => void view.setUint32(19 + 36 + 5, 9 + 6, true), {
  code: status.encoding,
  tensor: 0,
  field: 1,
  got: 6,
  wanted: 4,
})
refusesBytes('a gap before a tensor’s shape', (_, view) => void view.setUint32(19 + 36 + 1, 13, true), {
  code: status.encoding,
  tensor: 0,
  field: 1,
  got: 13,
  wanted: 9,
})
test('refuses every prefix', () => {
  const bytes = encodeModel(diamond())
  for (let length = 0; length < bytes.length; length++) refusal(bytes.slice(0, length))
})

// Header.
refuses(
  'another format',
  (model) => {
    model.format = 2
  },
  { code: status.format, got: 2, wanted: 1 },
)
refuses('another format whose structure is another', (model) => void Object.assign(model, { format: 2, tensors: [] }), {
  code: status.format,
})
refuses(
  'an unknown rounding mode',
  (model) => {
    model.rounding = 3
  },
  { code: status.rounding, field: 1, got: 3, wanted: 2 },
)

// 2. Operator order.
refuses(
  'operators of which the later output’s come first',
  (model) => {
    model.operators.unshift(model.operators.pop()!)
    // Tensors by their new first mention: logistic's result comes right after the inputs.
    const renumber = [0, 1, 3, 4, 5, 6, 7, 8, 2]
    const moved = [0, 1, 8, 2, 3, 4, 5, 6, 7]
    model.tensors = moved.map((from) => model.tensors[from]!)
    for (const operator of model.operators) {
      operator.inputs = operator.inputs.map((tensor) => renumber[tensor]!)
      operator.outputs = operator.outputs.map((tensor) => renumber[tensor]!)
    }
    for (const port of model.outputs) port.tensor = renumber[port.tensor]!
  },
  { code: status.order, operator: 1, field: 0, got: 1, wanted: 0 },
)
refuses('an operator that no output needs', (model) => void model.outputs.pop(), {
  code: status.order,
  operator: 5,
  field: 0,
  got: 5,
  wanted: 6,
})
refuses(
  'a circle',
  (model) => {
    model.operators[0]!.inputs = [4]
  },
  { code: status.order, operator: 1, field: 0, got: 1, wanted: 0 },
)
refuses(
  'an operator that reads its own result',
  (model) => {
    model.operators[0]!.inputs = [2]
  },
  { code: status.order, operator: 0 },
)
refuses(
  'an operator before the producer of its operand',
  (model) => {
    const [a, b] = model.operators
    model.operators[0] = b!
    model.operators[1] = a!
  },
  { code: status.order, field: 0 },
)

// 3. Tensor order.
refuses(
  'tensors that are not in the order of first mention',
  (model) => {
    ;[model.tensors[2], model.tensors[4]] = [model.tensors[4]!, model.tensors[2]!]
    const renumber = [0, 1, 4, 3, 2, 5, 6, 7, 8]
    for (const operator of model.operators) {
      operator.inputs = operator.inputs.map((tensor) => renumber[tensor]!)
      operator.outputs = operator.outputs.map((tensor) => renumber[tensor]!)
    }
  },
  { code: status.order, operator: 0, tensor: 4, field: 1, got: 4, wanted: 2 },
)
refuses('inputs that are not the first tensors', (model) => void model.inputs.reverse(), {
  code: status.order,
  tensor: 1,
  field: 1,
  got: 1,
  wanted: 0,
})
refuses('a tensor that nobody mentions', (model) => void model.tensors.push({ type: 0, shape: [1], data: new Uint8Array(1) }), {
  code: status.encoding,
  tensor: 9,
  got: 10,
  wanted: 9,
})

// 4. Producers and data.
refuses('a tensor that nothing computes', (model) => void model.tensors.push({ type: 0, shape: [1], data: new Uint8Array() }), {
  code: status.tensor,
  tensor: 9,
  field: (3 << 8) | 255,
})
refuses(
  'a tensor with two producers',
  (model) => {
    model.operators[1]!.outputs = [2]
  },
  {
    code: status.tensor,
    operator: 1,
    tensor: 2,
    field: (3 << 8) | 64,
    got: 0,
  },
)
refuses(
  'a constant as a result',
  (model) => {
    model.operators[1]!.outputs = [3]
  },
  {
    code: status.tensor,
    operator: 1,
    tensor: 3,
    field: (1 << 8) | 64,
  },
)
refuses(
  'a model input as a result',
  (model) => {
    model.operators[1]!.outputs = [0]
  },
  {
    code: status.tensor,
    operator: 1,
    tensor: 0,
    field: (1 << 8) | 64,
  },
)
refuses(
  'a constant with too few bytes',
  (model) => {
    model.tensors[3]!.data = new Uint8Array(255)
  },
  {
    code: status.tensor,
    tensor: 3,
    field: (1 << 8) | 255,
    got: 255,
    wanted: 256,
  },
)
refuses(
  'a constant with too many bytes',
  (model) => {
    model.tensors[3]!.data = new Uint8Array(257)
  },
  {
    code: status.tensor,
    tensor: 3,
    got: 257,
  },
)
refuses(
  'an operand that does not exist',
  (model) => {
    model.operators[1]!.inputs = [2, 9]
  },
  {
    code: status.tensor,
    operator: 1,
    field: (4 << 8) | 1,
    got: 9,
    wanted: 8,
  },
)
refuses(
  'a result that does not exist',
  (model) => {
    model.operators[1]!.outputs = [65535]
  },
  {
    code: status.tensor,
    operator: 1,
    field: (4 << 8) | 64,
    got: 65535,
    wanted: 8,
  },
)
refuses(
  'an unknown type',
  (model) => {
    model.tensors[2]!.type = 4
  },
  { code: status.tensor, tensor: 2, field: 255, got: 4, wanted: 3 },
)
refuses(
  'rank 0',
  (model) => {
    model.tensors[2]!.shape = []
  },
  { code: status.tensor, tensor: 2, field: (2 << 8) | 255 },
)
refuses(
  'a dimension of 0',
  (model) => {
    model.tensors[2]!.shape = [2, 0]
  },
  {
    code: status.shape,
    tensor: 2,
    field: 1,
    got: 0,
    wanted: 1,
  },
)

// 5. Ports.
refuses(
  'an input that is a constant',
  (model) => {
    model.inputs[1]!.tensor = 3
  },
  { code: status.port, tensor: 3, field: 1, got: 3 },
)
refuses(
  'one tensor as two inputs',
  (model) => {
    model.inputs[1]!.tensor = 0
  },
  { code: status.port, field: 1, got: 0 },
)
refuses(
  'an input that has a producer',
  (model) => {
    model.inputs[1]!.tensor = 2
  },
  { code: status.tensor, operator: 0, tensor: 2 },
)
refuses(
  'an input that does not exist',
  (model) => {
    model.inputs[1]!.tensor = 9
  },
  { code: status.port, field: 1, got: 9, wanted: 8 },
)
refuses(
  'one tensor as two outputs',
  (model) => {
    model.outputs[1]!.tensor = 7
  },
  { code: status.port, field: 17, got: 7 },
)
refuses(
  'an output that is an input',
  (model) => {
    model.outputs[1]!.tensor = 0
  },
  { code: status.port, field: 17, got: 0 },
)
refuses(
  'an output that is a constant',
  (model) => {
    model.outputs[1]!.tensor = 3
  },
  { code: status.port, field: 17, got: 3 },
)
refuses(
  'a model without outputs',
  (model) => {
    model.outputs = []
  },
  { code: status.port, field: 16, got: 0, wanted: 1 },
)
refuses(
  'a port whose scale is negative',
  (model) => {
    model.inputs[0]!.scale = 0xbf800000
  },
  {
    code: status.port,
    tensor: 0,
    field: 1 << 8,
  },
)
refuses(
  'a port whose scale is infinite',
  (model) => {
    model.inputs[0]!.scale = 0x7f800000
  },
  { code: status.port, field: 1 << 8 },
)
refuses(
  'a port whose scale is subnormal',
  (model) => {
    model.outputs[0]!.scale = 1
  },
  {
    code: status.port,
    tensor: 7,
    field: (1 << 8) | 16,
  },
)
refuses(
  'a zero point outside its type',
  (model) => {
    model.inputs[0]!.zeroPoint = 128
  },
  {
    code: status.port,
    field: 2 << 8,
    got: 128,
    wanted: 127,
  },
)
refuses(
  'a zero point without a scale',
  (model) => {
    model.inputs[1]!.zeroPoint = 1
  },
  {
    code: status.port,
    field: (2 << 8) | 1,
    got: 1,
    wanted: 0,
  },
)

// 6. Unused fields, and numbers of things.
refuses(
  'attributes that an operator does not have',
  (model) => {
    model.operators[1]!.attributes = [0]
  },
  {
    code: status.encoding,
    operator: 1,
    field: 3,
    got: 1,
    wanted: 0,
  },
)
refuses(
  'attributes that are missing',
  (model) => {
    model.operators[0]!.attributes = [0]
  },
  {
    code: status.encoding,
    operator: 0,
    field: 3,
    got: 1,
    wanted: 2,
  },
)
refuses(
  'multipliers that an operator does not have',
  (model) => {
    model.operators[0]!.multipliers = [1]
  },
  {
    code: status.encoding,
    operator: 0,
    field: 4,
    got: 1,
    wanted: 0,
  },
)
refuses(
  'shifts that an operator does not have',
  (model) => {
    model.operators[0]!.shifts = [1]
  },
  {
    code: status.encoding,
    operator: 0,
    field: 5,
    got: 1,
    wanted: 0,
  },
)
refuses(
  'multipliers that are missing',
  (model) => {
    model.operators[4]!.multipliers = []
  },
  {
    code: status.encoding,
    operator: 4,
    field: 4,
    got: 0,
    wanted: 1,
  },
)
refuses(
  'operands that are missing',
  (model) => {
    model.operators[1]!.inputs = [2]
  },
  { code: status.order },
)
refuses(
  'an operator without operands',
  (model) => {
    model.operators[0]!.inputs = []
  },
  {
    code: status.encoding,
    operator: 0,
    field: 1,
    got: 0,
    wanted: 1,
  },
)
refuses(
  'an unknown operator',
  (model) => {
    model.operators[0]!.code = largestCode + 1
  },
  { code: status.operator, operator: 0, got: largestCode + 1, wanted: largestCode },
)
refuses(
  'operator 0',
  (model) => {
    model.operators[0]!.code = 0
  },
  { code: status.operator, operator: 0, got: 0, wanted: largestCode },
)
