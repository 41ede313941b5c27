/** Arguments of ITensor's functions that nobody chose: mostly valid ones, with zero points, bounds and factors at their limits, and some that are refused. */
import fc, { type Arbitrary } from 'fast-check'
import { floatBits } from '../../runtime/model/types.ts'
import { operand } from './tensor-cases.ts'

const { array, boolean, constant, integer, oneof, record, tuple, uint8Array } = fc

/** Mostly the first. */
function mostly<T>(usual: Arbitrary<T>, odd: Arbitrary<T>): Arbitrary<T> {
  return oneof({ arbitrary: usual, weight: 24 }, { arbitrary: odd, weight: 1 })
}

const size = integer({ min: 1, max: 5 })
const anyUint32 = integer({ min: 0, max: 2 ** 32 - 1 })
const anyInt32 = integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const zeroPoint = mostly(
  oneof(constant(0), constant(-128), constant(127), integer({ min: -128, max: 127 })),
  integer({ min: -200, max: 200 }),
)
const int8 = oneof(constant(0), constant(-128), constant(127), integer({ min: -128, max: 127 }))
const tensorBytes = (length: number) =>
  oneof(
    uint8Array({ minLength: length, maxLength: length }),
    array(fc.constantFrom(0x80, 0x7f, 0, 0xff), { minLength: length, maxLength: length }),
  ).map((bytes) => operand(Uint8Array.from(bytes)))
/** A tensor of `length` bytes; now and then of another number of them. */
const tensor = (length: number) => mostly(tensorBytes(length), tensorBytes(length + 1))
/** int32 numbers of up to `bits` bits. */
const words = (count: number, bits: number) =>
  array(integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }), { minLength: count, maxLength: count }).map((numbers) =>
    operand(new Uint8Array(Int32Array.from(numbers).buffer)),
  )

const integerMultiplier = mostly(
  integer({ min: 2 ** 30, max: 2 ** 31 - 1 }),
  oneof(constant(0), constant(2 ** 29), constant(2 ** 29 - 1), anyUint32),
)
const scaleBits = mostly(
  oneof(fc.double({ min: 2 ** -14, max: 2, noNaN: true }), fc.double({ min: 2 ** -126, max: 2 ** 127, noNaN: true })).map(floatBits),
  anyUint32,
)
const shiftBetween = (min: number, max: number) => mostly(integer({ min, max }), integer({ min: -40, max: 40 }))

const bounds = mostly<number[]>(constant([-128, 127]), tuple(int8, int8)).map(([yMin, yMax]) => ({ yMin: yMin!, yMax: yMax! }))
const rounding = mostly(integer({ min: 0, max: 2 }), constant(3))

/** Requantization by one of `counts` numbers of factors; of 0 the accumulators are the result. */
function quantization(counts: readonly number[], lowestShift: number, highestShift: number) {
  return tuple(rounding, fc.constantFrom(...counts), tuple(zeroPoint, zeroPoint, zeroPoint), bounds).chain(
    ([mode, count, zeros, limits]) => {
      const isFp32 = mode === 0
      const many = (one: Arbitrary<number>, length: number) =>
        mostly(array(one, { minLength: length, maxLength: length }), array(one, { maxLength: 3 }))
      return record({
        multipliers: many(isFp32 ? scaleBits : integerMultiplier, count),
        shifts: many(shiftBetween(lowestShift, highestShift), isFp32 ? 0 : count),
      }).map(({ multipliers, shifts }) => {
        const [xZero, wZero, yZero] = zeros
        const isExact = multipliers.length === 0
        return {
          rounding: mode,
          xZero,
          wZero,
          yZero: isExact ? 0 : yZero,
          ...(isExact ? { yMin: 0, yMax: 0 } : limits),
          multipliers,
          shifts,
        }
      })
    },
  )
}

const anySize = oneof(constant(0), anyUint32)
const positive = oneof({ arbitrary: integer({ min: 1, max: 3 }), weight: 80 }, { arbitrary: anySize, weight: 1 })
/** What fits a kernel of that many elements, and now and then something else. */
const padding = (kernel: number) =>
  oneof({ arbitrary: integer({ min: 0, max: kernel - 1 }), weight: 40 }, { arbitrary: anySize, weight: 1 })
const paddings = (kernelH: number, kernelW: number) => ({
  padTop: padding(kernelH),
  padBottom: padding(kernelH),
  padLeft: padding(kernelW),
  padRight: padding(kernelW),
})
const kernel = integer({ min: 1, max: 3 })
const window = (kernelH: number, kernelW: number) =>
  record({
    strideH: positive,
    strideW: positive,
    dilationH: oneof(constant(1), positive),
    dilationW: oneof(constant(1), positive),
    ...paddings(kernelH, kernelW),
  })
const picture = tuple(integer({ min: 1, max: 2 }), integer({ min: 1, max: 7 }), integer({ min: 1, max: 7 }), size)
const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

const bias = (channels: number) => oneof(constant(operand(new Uint8Array())), words(channels, 20), words(channels, 32))

const matmul = tuple(size, oneof(size, integer({ min: 9, max: 12 }), integer({ min: 245, max: 265 })), size).chain(
  ([rows, depth, columns]) =>
    tuple(
      tensor(rows * depth),
      tensor(columns * depth),
      bias(columns),
      constant(rows),
      constant(depth),
      constant(columns),
      quantization([0, 1, columns], -12, 1),
    ),
)

const conv2d = tuple(picture, size, kernel, kernel).chain(([x, channels, kernelH, kernelW]) => {
  const weights = [channels, kernelH, kernelW, x[3]]
  return tuple(
    tensor(product(x)),
    tensor(product(weights)),
    bias(channels),
    constant(x),
    constant(weights),
    window(kernelH, kernelW),
    quantization([0, 1, channels], -12, 0),
  )
})

const depthwiseConv2d = tuple(picture, integer({ min: 1, max: 3 }), kernel, kernel).chain(([x, factor, kernelH, kernelW]) => {
  const weights = [1, kernelH, kernelW, x[3] * factor]
  return tuple(
    tensor(product(x)),
    tensor(product(weights)),
    bias(x[3] * factor),
    constant(x),
    constant(weights),
    window(kernelH, kernelW),
    quantization([0, 1, x[3] * factor], -12, 0),
  )
})

const pool = tuple(picture, kernel, kernel).chain(([x, kernelH, kernelW]) =>
  tuple(
    tensor(product(x)),
    constant(x),
    tuple(
      record({
        kernelH: mostly(constant(kernelH), anySize),
        kernelW: mostly(constant(kernelW), anySize),
        strideH: positive,
        strideW: positive,
        ...paddings(kernelH, kernelW),
      }),
      bounds,
    ).map(([fields, limits]) => ({ ...fields, ...limits })),
  ),
)

const add = tuple(
  array(size, { minLength: 1, maxLength: 4 }),
  array(boolean(), { minLength: 4, maxLength: 4 }),
  integer({ min: 0, max: 3 }),
).chain(([shape, isRepeated, cut]) => {
  const other = shape.map((dimension, index) => (isRepeated[index] ? 1 : dimension)).slice(Math.min(cut, shape.length - 1))
  const fp32 = record({
    multipliers: array(mostly(integer({ min: -(2 ** 21), max: 2 ** 21 }), anyInt32), { minLength: 2, maxLength: 2 }),
    shifts: array(shiftBetween(13, 30), { minLength: 1, maxLength: 1 }),
  })
  return tuple(
    tensor(product(shape)),
    tensor(product(other)),
    boolean(),
    mostly<number[]>(constant(other), constant([...other, 2])),
    quantization([3], -20, 0),
    fp32,
  ).map(([a, b, isSwapped, otherShape, q, weights]) => {
    const scaled = q.rounding === 0 ? { ...q, ...weights, multipliers: weights.multipliers.map((value) => value >>> 0) } : q
    return isSwapped ? [b, a, otherShape, shape, scaled] : [a, b, shape, otherShape, scaled]
  })
})

const requantize = tuple(array(size, { minLength: 1, maxLength: 3 }), boolean()).chain(([shape, isInt32]) =>
  tuple(
    isInt32 ? oneof(words(product(shape), 12), words(product(shape), 32)) : tensor(product(shape)),
    mostly(constant(isInt32 ? 3 : 0), integer({ min: 0, max: 255 })),
    constant(shape),
    quantization([1, shape.at(-1)!], isInt32 ? -24 : -6, 0).map((q) => (isInt32 ? { ...q, xZero: 0 } : q)),
  ),
)

const factor = (min: number, max: number) => record({ value: integerMultiplier, shift: shiftBetween(min, max) })
const run = integer({ min: 0, max: 40 }).chain(tensorBytes)
const rows = tuple(integer({ min: 1, max: 4 }), integer({ min: 1, max: 12 }))
const fixed = oneof(
  integer({ min: 0, max: 12 }).chain((count) => words(count, 20)),
  integer({ min: 0, max: 12 }).chain((count) => words(count, 32)),
)

const calls: Record<string, Arbitrary<readonly unknown[]>> = {
  matmul,
  conv2d,
  depthwiseConv2d,
  averagePool: pool,
  maxPool: pool,
  add,
  requantize,
  relu: tuple(run, int8),
  relu6: tuple(run, int8, int8),
  sigmoid: tuple(run, int8, factor(18, 26)),
  tanh: tuple(run, int8, factor(18, 26)),
  gelu: tuple(run, int8, int8, factor(6, 16), factor(-16, -6)),
  softmax: rows.chain(([count, columns]) => tuple(tensor(count * columns), mostly(constant(columns), anyUint32), factor(15, 26))),
  softmaxQ16: rows.chain(([count, columns]) =>
    tuple(oneof(words(count * columns, 20), words(count * columns, 32)), mostly(constant(columns), anyUint32)),
  ),
  ...Object.fromEntries(['reluQ16', 'relu6Q16', 'sigmoidQ16', 'tanhQ16', 'geluQ16'].map((name) => [name, tuple(fixed)])),
}

/** Arguments of a function of ITensor. */
export function anyCall(functionName: string): Arbitrary<readonly unknown[]> {
  const arbitrary = calls[functionName]
  if (arbitrary === undefined) throw new TypeError(`ITensor has no function ${functionName}, or it has no arbitrary here`)
  return arbitrary
}
