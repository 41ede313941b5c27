/** Parameters of the development methods. */
import { z } from 'zod'
import { numberLike } from '../params.ts'

/** More in one request would block the node for minutes. */
const MAX_BLOCKS = 100_000n

export const blockCount = numberLike.refine((count) => count <= MAX_BLOCKS, { message: `wanted at most ${MAX_BLOCKS} blocks` })
export const intervalSeconds = z.union([z.number().min(0).max(86_400), numberLike.transform(Number)], 'wanted a number of seconds')
