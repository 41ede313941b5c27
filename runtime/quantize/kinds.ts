/**
 * What an operator asks of the scales around it; an operator without an entry is a layer.
 *
 * layer      reads quantized operands, its result has a scale of its own
 * clamp      keeps the scale of whatever it bounds: part of the operator before it
 * function   of one number: a table from one quantized tensor to the next
 * pair       arithmetic of two: a function where one operand is a number or both are functions of one tensor, else a layer
 * move       the same numbers in other places, at the same scale
 * pad        as move, with a constant among them
 * join       several tensors at the scale of the result
 */
export type Kind = 'layer' | 'clamp' | 'function' | 'pair' | 'move' | 'pad' | 'join'

const operatorsOf: Readonly<Record<Exclude<Kind, 'layer'>, readonly string[]>> = {
  clamp: ['Clip', 'Relu'],
  function: [
    'Abs',
    'Acos',
    'Acosh',
    'Asin',
    'Asinh',
    'Atan',
    'Atanh',
    'Ceil',
    'Celu',
    'Cos',
    'Cosh',
    'Elu',
    'Erf',
    'Exp',
    'Floor',
    'Gelu',
    'HardSigmoid',
    'HardSwish',
    'LeakyRelu',
    'Log',
    'Mish',
    'Neg',
    'Reciprocal',
    'Round',
    'Selu',
    'Shrink',
    'Sigmoid',
    'Sign',
    'Sin',
    'Sinh',
    'Softplus',
    'Softsign',
    'Sqrt',
    'Swish',
    'Tan',
    'Tanh',
    'ThresholdedRelu',
    'com.microsoft:QuickGelu',
  ],
  pair: ['Add', 'Div', 'Mul', 'Pow', 'Sub'],
  move: [
    'DepthToSpace',
    'Dropout',
    'Expand',
    'Flatten',
    'Gather',
    'GlobalMaxPool',
    'Identity',
    'MaxPool',
    'Reshape',
    'Slice',
    'SpaceToDepth',
    'Split',
    'Squeeze',
    'Tile',
    'Transpose',
    'Unsqueeze',
  ],
  pad: ['Pad'],
  join: ['Concat', 'Max', 'Min'],
}

const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries(operatorsOf).flatMap(([kind, operators]) => operators.map((op) => [op, kind as Kind] as const)),
)

/** Layers that the artifact computes on int16 too, and moves of it. */
const wideOperators: ReadonlySet<string> = new Set([
  'Add',
  'AveragePool',
  'Concat',
  'Conv',
  'Dropout',
  'Flatten',
  'Gather',
  'Gemm',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'Identity',
  'InstanceNormalization',
  'LayerNormalization',
  'MatMul',
  'Max',
  'MaxPool',
  'Min',
  'Mul',
  'Pad',
  'RMSNormalization',
  'Reshape',
  'Slice',
  'Softmax',
  'Split',
  'Squeeze',
  'Sub',
  'Transpose',
  'Unsqueeze',
])

/** Whether a tensor that an operator gives can be int16. */
export function canBeWide(op: string): boolean {
  const kind = kindOf(op)
  return kind === 'clamp' || kind === 'function' || wideOperators.has(op)
}

/** Whether a function can be a table of int16: any of one number, and arithmetic with a number. */
export function hasWideTable(op: string): boolean {
  return canBeWide(op) || op === 'Div'
}

export function kindOf(op: string): Kind {
  return kinds.get(op) ?? 'layer'
}
