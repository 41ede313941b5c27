import { Refusal } from '../refusal.ts'

/** Of each dimension the index that the piece begins at, the step to the next, and how many. */
export type Piece = { begin: number; stride: number; size: number }

/** A bound counts from the end where it is negative, and is moved into the dimension. */
export function pieceOf(length: number, start: number, end: number, stride: number): Piece {
  if (!Number.isInteger(stride) || stride === 0) throw new Refusal(`it slices by steps of ${stride}`)
  const [least, most] = stride > 0 ? [0, length] : [-1, length - 1]
  const bound = (value: number) => Math.min(Math.max(value < 0 ? value + length : value, least), most)
  const [begin, last] = [bound(start), bound(end)]
  return { begin, stride, size: Math.max(Math.ceil((last - begin) / stride), 0) }
}
