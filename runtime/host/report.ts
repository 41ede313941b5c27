/** Turns the module's error record into an error in the words of the model's author. */
import { ModelError, type ModelErrorCode, modelErrorCodes } from '../model/errors.ts'
import { operatorRow } from '../model/operators.ts'
import { decodeModel, type Model } from '../model/types.ts'
import { NodeFault } from './errors.ts'
import type { ErrorRecord } from './instance.ts'

/** Status code 15 of docs/embedding.md: the host did not keep to the page. */
const instanceStatus = 15

const sentences: Record<ModelErrorCode, string> = {
  truncated: 'the artifact ends early, or an offset points outside it',
  encoding: 'this is not the canonical encoding of a model',
  format: 'the artifact has another format version',
  rounding: 'the rounding mode is unknown',
  limit: 'a limit of the format is passed',
  operator: 'the operator code is unknown',
  tensor: 'a tensor has the wrong type, shape or data for its place',
  attribute: 'an attribute is out of its range',
  shape: 'the shapes do not fit together',
  order: 'operators or tensors are not in canonical order',
  port: 'a model input or output is wrong',
  multiplier: 'a scale, multiplier or shift is out of its range',
  accumulator: 'an output channel could pass 2^31',
  memory: 'the model needs more memory than a model may have',
}

/** The error that a status other than 0 stands for. */
export function statusError(status: number, record: ErrorRecord, artifact: Uint8Array): ModelError | NodeFault {
  const code = modelErrorCodes[status - 1]
  if (status === instanceStatus)
    return new NodeFault(
      'internal',
      `the module was called out of order or in too small an instance: got ${record.got}, wanted ${record.wanted}`,
    )
  if (code === undefined) return new NodeFault('module', `the module answered with the unknown status ${status}`)
  const { operator, tensor, field, got, wanted } = record
  return new ModelError(code, `${place(record, code, artifact)}${sentences[code]}: got ${got}, wanted ${wanted}`, {
    operator,
    tensor,
    field,
    got,
    wanted,
  })
}

function place({ operator, tensor, field }: ErrorRecord, code: ModelErrorCode, artifact: Uint8Array): string {
  const parts: string[] = []
  if (operator !== undefined) {
    const row = operatorName(artifact, operator)
    parts.push(row === undefined ? `operator ${operator}` : `operator ${operator} (${row})`)
    const attribute = code === 'attribute' && row !== undefined ? operatorRow(row).attributes[field] : undefined
    if (attribute !== undefined) parts.push(`attribute ${attribute}`)
  }
  if (tensor !== undefined) parts.push(`tensor ${tensor}`)
  return parts.length === 0 ? '' : `${parts.join(', ')}: `
}

/** Undefined where the artifact is too broken to be read. */
function operatorName(artifact: Uint8Array, index: number): Model['operators'][number]['name'] | undefined {
  try {
    return decodeModel(artifact).operators[index]?.name
  } catch {
    return undefined
  }
}
