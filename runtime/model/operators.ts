/**
 * The one operator table (docs/model-format.md, "Operators"). What a file name, a test or a report needs to know of an operator is derived from here.
 *
 * `operands`: names in order; those after `optionalFrom` may be left out at the end; `variadic` repeats the last.
 * `attributes`: names in the artifact's order. `perDimension`: these, for each dimension of x.
 * `requantization`, the entries of `multipliers` and `shifts`:
 *   none · one · perChannel: one, or one for each output channel (none where y is int32) · add: 2 multipliers and 1 shift in fp32 on int8, otherwise 3 and 3 (a, b, y)
 *   integer: one, in integer form in every rounding mode · integerTwo, integerTwelve: so many of these. All are in integer form on int16.
 * `fixedPoint`: an int32 operand is read as Q16.16; then there are neither attributes nor requantization. On int16 there are no attributes.
 */
export type Requantization = 'none' | 'one' | 'perChannel' | 'add' | 'integer' | 'integerTwo' | 'integerTwelve'

type OperatorRow = {
  readonly code: number
  readonly name: string
  readonly operands: readonly string[]
  readonly optionalFrom?: number
  readonly variadic?: true
  readonly attributes: readonly string[]
  readonly perDimension?: readonly string[]
  readonly requantization: Requantization
  readonly fixedPoint?: true
}

const window = ['padTop', 'padBottom', 'padLeft', 'padRight'] as const
const convolution = ['strideH', 'strideW', 'dilationH', 'dilationW', ...window] as const
const pool = ['kernelH', 'kernelW', 'strideH', 'strideW', ...window, 'yMin', 'yMax'] as const
const layer = ['xZero', 'wZero', 'yZero', 'yMin', 'yMax'] as const
const pair = ['aZero', 'bZero', 'yZero', 'yMin', 'yMax'] as const
const layerOperands = ['x', 'weights', 'bias'] as const

export const operators = [
  {
    code: 1,
    name: 'conv2d',
    operands: layerOperands,
    optionalFrom: 2,
    attributes: [...convolution, 'groups', ...layer],
    requantization: 'perChannel',
  },
  {
    code: 2,
    name: 'depthwiseConv2d',
    operands: layerOperands,
    optionalFrom: 2,
    attributes: [...convolution, ...layer],
    requantization: 'perChannel',
  },
  { code: 3, name: 'fullyConnected', operands: layerOperands, optionalFrom: 2, attributes: layer, requantization: 'perChannel' },
  { code: 4, name: 'add', operands: ['a', 'b'], attributes: pair, requantization: 'add' },
  { code: 5, name: 'mul', operands: ['a', 'b'], attributes: pair, requantization: 'one' },
  { code: 6, name: 'averagePool', operands: ['x'], attributes: pool, requantization: 'none' },
  { code: 7, name: 'maxPool', operands: ['x'], attributes: pool, requantization: 'none' },
  { code: 8, name: 'mean', operands: ['x'], attributes: ['axes', 'xZero', 'yZero', 'yMin', 'yMax'], requantization: 'one' },
  { code: 9, name: 'pad', operands: ['x'], attributes: ['value'], perDimension: ['before', 'after'], requantization: 'none' },
  { code: 10, name: 'concat', operands: ['x'], variadic: true, attributes: ['axis'], requantization: 'none' },
  { code: 11, name: 'reshape', operands: ['x'], attributes: [], requantization: 'none' },
  { code: 12, name: 'softmax', operands: ['x'], attributes: [], requantization: 'integer', fixedPoint: true },
  { code: 13, name: 'clamp', operands: ['x'], attributes: ['yMin', 'yMax'], requantization: 'none' },
  { code: 14, name: 'lookup', operands: ['x', 'table'], attributes: [], requantization: 'none' },
  { code: 15, name: 'requantize', operands: ['x'], attributes: ['xZero', 'yZero', 'yMin', 'yMax'], requantization: 'perChannel' },
  { code: 16, name: 'logistic', operands: ['x'], attributes: ['xZero'], requantization: 'integer', fixedPoint: true },
  { code: 17, name: 'tanh', operands: ['x'], attributes: ['xZero'], requantization: 'integer', fixedPoint: true },
  { code: 18, name: 'gelu', operands: ['x'], attributes: ['xZero', 'yZero'], requantization: 'integerTwo', fixedPoint: true },
  { code: 20, name: 'slice', operands: ['x'], attributes: [], perDimension: ['begin', 'stride'], requantization: 'none' },
  { code: 21, name: 'transpose', operands: ['x'], attributes: [], perDimension: ['from'], requantization: 'none' },
  { code: 22, name: 'gather', operands: ['x', 'indices'], attributes: ['axis'], requantization: 'none' },
  { code: 23, name: 'resizeBilinear', operands: ['x', 'rows', 'columns'], attributes: ['bits'], requantization: 'none' },
  { code: 24, name: 'argMax', operands: ['x'], attributes: ['axis', 'smallest', 'last'], requantization: 'none' },
  { code: 25, name: 'reduceMax', operands: ['x'], attributes: ['axes'], requantization: 'none' },
  { code: 26, name: 'reduceMin', operands: ['x'], attributes: ['axes'], requantization: 'none' },
  { code: 27, name: 'matmul', operands: ['a', 'b'], attributes: pair, requantization: 'one' },
  { code: 40, name: 'sub', operands: ['a', 'b'], attributes: pair, requantization: 'add' },
  { code: 41, name: 'minimum', operands: ['a', 'b'], attributes: [], requantization: 'none' },
  { code: 42, name: 'maximum', operands: ['a', 'b'], attributes: [], requantization: 'none' },
  {
    code: 43,
    name: 'prelu',
    operands: ['x', 'alpha'],
    attributes: ['xZero', 'alphaZero', 'yZero', 'yMin', 'yMax'],
    requantization: 'integerTwo',
  },
  {
    code: 44,
    name: 'svdf',
    operands: ['x', 'weightsFeature', 'weightsTime', 'state', 'bias'],
    optionalFrom: 4,
    attributes: ['rank', 'xZero', 'stateZero', 'yZero', 'yMin', 'yMax'],
    requantization: 'integerTwo',
  },
  {
    code: 45,
    name: 'lstm',
    operands: ['x', 'inputWeights', 'recurrentWeights', 'bias', 'hidden', 'cell'],
    attributes: ['timeFirst', 'xZero', 'hiddenZero', 'cellClip'],
    requantization: 'integerTwelve',
  },
  { code: 50, name: 'pairwise', operands: ['a', 'b'], attributes: ['kind'], requantization: 'none' },
  { code: 51, name: 'select', operands: ['condition', 'a', 'b'], attributes: [], requantization: 'none' },
  { code: 52, name: 'cast', operands: ['x'], attributes: [], requantization: 'none' },
  { code: 53, name: 'scan', operands: ['x'], attributes: ['axis', 'product', 'exclusive', 'reverse'], requantization: 'none' },
  { code: 54, name: 'lookupPair', operands: ['a', 'b', 'table'], attributes: [], requantization: 'none' },
  {
    code: 70,
    name: 'layerNorm',
    operands: ['x', 'gamma', 'beta'],
    attributes: ['centred', 'repeat', 'xZero', 'epsilonLow', 'epsilonHigh', 'shift', 'yZero', 'yMin', 'yMax'],
    requantization: 'none',
  },
  {
    code: 80,
    name: 'treeEnsemble',
    operands: ['x', 'nodes', 'weights', 'roots', 'base'],
    optionalFrom: 4,
    attributes: ['depth', 'width', 'aggregate'],
    requantization: 'none',
  },
  { code: 81, name: 'floatLinear', operands: layerOperands, attributes: [], requantization: 'none' },
  { code: 82, name: 'floatBinary', operands: ['a', 'b'], attributes: ['function'], requantization: 'none' },
  { code: 83, name: 'floatUnary', operands: ['x'], attributes: ['function', 'bits'], requantization: 'none' },
  { code: 84, name: 'floatNormalize', operands: ['x'], attributes: ['norm'], requantization: 'none' },
] as const satisfies readonly OperatorRow[]

/** The attribute `kind` of pairwise. */
export const pairwiseKinds = {
  add: 0,
  subtract: 1,
  multiply: 2,
  and: 3,
  or: 4,
  xor: 5,
  shiftLeft: 6,
  shiftRight: 7,
  quotient: 8,
  remainder: 9,
  modulo: 10,
  quotientUnsigned: 11,
  remainderUnsigned: 12,
  equal: 13,
  less: 14,
  lessUnsigned: 15,
} as const

export type OperatorName = (typeof operators)[number]['name']

const byName: ReadonlyMap<string, OperatorRow & { readonly name: OperatorName }> = new Map(operators.map((row) => [row.name, row]))
const byCode: ReadonlyMap<number, OperatorRow & { readonly name: OperatorName }> = new Map(operators.map((row) => [row.code, row]))

/** The row of an operator by its name. */
export function operatorRow(name: OperatorName): OperatorRow & { readonly name: OperatorName } {
  return byName.get(name)!
}

/** The row of an operator by its code, undefined where the format has no such code. */
export function operatorByCode(code: number): (OperatorRow & { readonly name: OperatorName }) | undefined {
  return byCode.get(code)
}
