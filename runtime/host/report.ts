/** Turns the module's error record (docs/embedding.md, "Details") into an error in the words of the model's author. */
import { ModelError, type ModelErrorCode, modelErrorCodes } from '../model/errors.ts'
import { operatorRow } from '../model/operators.ts'
import { decodeModel, type Model } from '../model/types.ts'
import { NodeFault } from './errors.ts'
import type { ErrorRecord } from './instance.ts'

/** Status code 15: the host did not keep to the page. */
const instanceStatus = 15

type Name = Model['operators'][number]['name']

/** What is said of each code. */
const sentences: Record<ModelErrorCode, (record: ErrorRecord, operator: Name | undefined) => string> = {
  truncated: ({ field }) => `the artifact ends early, or an offset points outside, in field ${field} of the container`,
  encoding: ({ field }) => `not the canonical encoding, in field ${field} of the container`,
  format: () => 'another format version',
  rounding: () => 'unknown rounding mode',
  limit: ({ field }) => `too large: ${limitNames[field] ?? 'a limit of the format'}`,
  operator: () => 'unknown operator code',
  tensor: ({ field }, operator) => `wrong ${tensorAspects[field >> 8] ?? 'tensor'} of ${placeName(field & 0xff, operator)}`,
  attribute: ({ field }, operator) => `attribute ${attributeName(operator, field)} is out of its range`,
  shape: ({ field }) => (field === 255 ? 'wrong number of elements' : `wrong size of dimension ${field}`),
  order: ({ field }) => `${field === 0 ? 'operators' : 'tensors'} are not in canonical order`,
  port: ({ field }) => `wrong ${portAspects[field >> 8] ?? 'port'} of model ${portName(field & 0xff)}`,
  multiplier: ({ field }) =>
    field < shiftFields ? `multiplier ${field} is out of its range` : `shift ${field - shiftFields} is out of its range`,
  accumulator: ({ field }) => `the accumulator of output channel ${field} could pass 2^31`,
  memory: ({ field }) => (field === 0 ? 'the model needs too many pages of memory' : 'a picture with its padding has too many elements'),
}

const limitNames = [
  'bytes of the artifact',
  'number of tensors',
  'number of operators',
  'rank',
  'dimension',
  'elements',
  'number of operands',
  'number of results',
  'number of attributes',
  'number of inputs',
  'number of outputs',
  'number of multipliers',
  'number of shifts',
  'multiply-adds',
]
const tensorAspects = ['type', 'data', 'rank', 'producer', 'index', 'value']
const portAspects = ['tensor', 'scale', 'zero point']
/** Places: operands from 0, results from here on, 255 the tensor by itself; model outputs from 16. */
const firstResult = 64
const noPlace = 255
const firstOutput = 16
/** Entries of shifts are counted from here. */
const shiftFields = 65536

/** The error that a status other than 0 stands for. */
export function statusError(status: number, record: ErrorRecord, artifact: Uint8Array): ModelError | NodeFault {
  const { operator, tensor, field, got, wanted } = record
  if (status === instanceStatus)
    return new NodeFault('internal', `the module was called out of order or in too small an instance: got ${got}, wanted ${wanted}`)
  const code = modelErrorCodes[status - 1]
  if (code === undefined) return new NodeFault('module', `the module answered with the unknown status ${status}`)
  const name = operator === undefined ? undefined : operatorName(artifact, operator)
  const place = [
    ...(operator === undefined ? [] : [`operator ${operator}${name === undefined ? '' : ` (${name})`}`]),
    ...(tensor === undefined ? [] : [`tensor ${tensor}`]),
    sentences[code](record, name),
  ]
  return new ModelError(code, `${place.join(', ')}: got ${got}, wanted ${wanted}`, { operator, tensor, field, got, wanted })
}

function attributeName(operator: Name | undefined, index: number): string {
  if (operator === undefined) return String(index)
  const { attributes, perDimension = [] } = operatorRow(operator)
  const past = index - attributes.length
  return attributes[index] ?? `${perDimension[past % perDimension.length]} of dimension ${Math.floor(past / perDimension.length)}`
}

function placeName(place: number, operator: Name | undefined): string {
  if (place === noPlace) return 'the tensor'
  if (place >= firstResult) return `result ${place - firstResult}`
  const operands = operator === undefined ? [] : operatorRow(operator).operands
  return `operand ${operands[place] ?? place}`
}

function portName(place: number): string {
  return place < firstOutput ? `input ${place}` : `output ${place - firstOutput}`
}

/** Undefined where the artifact is too broken to be read. */
function operatorName(artifact: Uint8Array, index: number): Name | undefined {
  try {
    return decodeModel(artifact).operators[index]?.name
  } catch {
    return undefined
  }
}
