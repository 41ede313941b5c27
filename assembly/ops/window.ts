// What convolutions and pools share: windows that slide over a padded NHWC picture (model-format.md, "Shape rules").
// Attributes 4 to 7 are padTop, padBottom, padLeft, padRight for all of them.
import { fail, MEMORY, OK, SHAPE } from '../model/errors'
import { opAttribute, opInput, opOutput, tensorDim } from '../model/records'
import { checkAttribute, checkDim, RESULT } from './check'

export const LARGEST_DIMENSION: u32 = 1 << 24
/** A padded picture larger than the memory of any instance: no other function sees it. */
const LARGEST_PICTURE: u64 = 1 << 27

/** One axis (1 height, 2 width) of x and y: kernel, dilation and stride are in range; the paddings are checked here. */
export function checkWindowAxis(op: usize, axis: u32, kernel: u32, dilation: u32, stride: u32): i32 {
  const extent = windowExtent(kernel, dilation)
  if (extent > LARGEST_DIMENSION) return fail(SHAPE, axis, extent, LARGEST_DIMENSION)
  const before = 2 + (axis << 1)
  let status = checkAttribute(op, before, 0, <i32>extent - 1)
  if (status !== OK) return status
  status = checkAttribute(op, before + 1, 0, <i32>extent - 1)
  if (status !== OK) return status
  const size = paddedSize(op, axis)
  if (size < extent) return fail(SHAPE, axis, size, extent)
  return checkDim(op, RESULT, axis, (size - extent) / stride + 1)
}

/** Picture elements with padding and `channels` channels. */
export function checkPicture(op: usize, channels: u64): i32 {
  const plane = paddedSize(op, 1) * paddedSize(op, 2)
  if (plane > LARGEST_PICTURE || plane * channels > LARGEST_PICTURE)
    return fail(MEMORY, 1, plane > LARGEST_PICTURE ? plane : plane * channels, LARGEST_PICTURE)
  return OK
}

/** Elements that a dilated kernel spans. */
export function windowExtent(kernel: u32, dilation: u32): u64 {
  return (<u64>kernel - 1) * dilation + 1
}

/** Height (axis 1) or width (axis 2) of x with its padding. */
export function paddedSize(op: usize, axis: u32): u64 {
  const before = 2 + (axis << 1)
  return <u64>tensorDim(opInput(op, 0), axis) + <u64>opAttribute(op, before) + <u64>opAttribute(op, before + 1)
}

/** Windows in one picture. */
export function windowCount(op: usize): u64 {
  const y = opOutput(op, 0)
  return <u64>tensorDim(y, 1) * <u64>tensorDim(y, 2)
}
