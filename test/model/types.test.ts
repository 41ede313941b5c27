import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelError, type ModelErrorCode } from '../../runtime/model/errors.ts'
import { decodeModel, encodeModel, type Model, ModelContainer, type ModelFields, modelFields, modelId } from '../../runtime/model/types.ts'

const model: Model = {
  rounding: 'single',
  tensors: [
    { type: 'int8', shape: [1, 4], data: new Uint8Array() },
    { type: 'int32', shape: [2], data: Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 255) },
    { type: 'uint8', shape: [1, 2], data: new Uint8Array() },
  ],
  operators: [
    {
      name: 'fullyConnected',
      inputs: [0, 1],
      outputs: [2],
      attributes: [-128, 0, 127, -5, 100],
      multipliers: [2 ** 31 - 1],
      shifts: [-31],
    },
  ],
  inputs: [{ tensor: 0, scale: 0.5, zeroPoint: -128 }],
  outputs: [{ tensor: 2, scale: 2 ** -8, zeroPoint: 3 }],
}

const refuses = (code: ModelErrorCode, bytes: Uint8Array) =>
  assert.throws(
    () => decodeModel(bytes),
    (error) => error instanceof ModelError && error.code === code,
  )

const altered = (change: (fields: ModelFields) => void) => {
  const fields = modelFields(structuredClone(model))
  change(fields)
  return ModelContainer.serialize(fields)
}

test('decoding gives back what was encoded, signed fields included', () => assert.deepEqual(decodeModel(encodeModel(model)), model))

test('negative attributes, shifts and zero points are two’s complement', () => {
  const fields = modelFields(model)
  assert.deepEqual(fields.operators[0]!.attributes.slice(0, 2), [2 ** 32 - 128, 0])
  assert.deepEqual(fields.operators[0]!.shifts, [256 - 31])
  assert.equal(fields.inputs[0]!.zeroPoint, 2 ** 32 - 128)
  assert.equal(fields.inputs[0]!.scale, 0x3f000000)
})

test('the id is the root of the container and changes with every byte', () => {
  const bytes = encodeModel(model)
  assert.equal(modelId(bytes), `0x${Buffer.from(ModelContainer.hashTreeRoot(modelFields(model))).toString('hex')}`)
  const other = structuredClone(model)
  other.tensors[1]!.data[7] = 254
  assert.notEqual(modelId(encodeModel(other)), modelId(bytes))
})

test('refuses another format, rounding, type or operator', () => {
  refuses(
    'format',
    altered((fields) => {
      fields.format = 2
    }),
  )
  refuses(
    'rounding',
    altered((fields) => {
      fields.rounding = 3
    }),
  )
  refuses(
    'tensor',
    altered((fields) => {
      fields.tensors[0]!.type = 4
    }),
  )
  refuses(
    'operator',
    altered((fields) => {
      fields.operators[0]!.code = 19
    }),
  )
})

test('refuses bytes that end early or late', () => {
  const bytes = encodeModel(model)
  // Without its last element, a port of 10 bytes, the last list is a shorter list.
  for (let length = 0; length < bytes.length; length += 1)
    if (length !== bytes.length - 10) assert.throws(() => decodeModel(bytes.subarray(0, length)), ModelError, `${length} bytes`)
  refuses('encoding', Uint8Array.from([...bytes, 0]))
})
