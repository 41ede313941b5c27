/** Bytes to 16 and 32 bits with the zero point taken off, and pictures with their padding. */

/** out[i] = x[i] − zero, int8 to int16. Writes exactly count elements; up to 16 bytes behind x may be read. */
export function widen(x: usize, count: usize, zero: i32, out: usize): void {
  const end = x + count
  if (ASC_FEATURE_SIMD) {
    const zeros = i16x8.splat(<i16>zero)
    for (; x + 16 <= end; x += 16, out += 32) {
      const bytes = v128.load(x)
      v128.store(out, i16x8.sub(i16x8.extend_low_i8x16_s(bytes), zeros))
      v128.store(out, i16x8.sub(i16x8.extend_high_i8x16_s(bytes), zeros), 16)
    }
    if (x + 8 <= end) {
      v128.store(out, i16x8.sub(v128.load8x8_s(x), zeros))
      x += 8
      out += 16
    }
  }
  for (; x < end; x++, out += 2) store<i16>(out, <i16>(<i32>load<i8>(x) - zero))
}

/** out[row][column] = x[row · stride + column] − zero, int8 to rows of 8 int32; `columns` of 8 matter. Up to 7 bytes behind the last row may be read. */
export function widenColumns(x: usize, rows: i32, stride: usize, columns: i32, zero: i32, out: usize): void {
  const end = out + ((<usize>rows) << 5)
  if (ASC_FEATURE_SIMD) {
    const zeros = i16x8.splat(<i16>zero)
    for (; out < end; out += 32, x += stride) {
      const words = i16x8.sub(v128.load8x8_s(x), zeros)
      v128.store(out, i32x4.extend_low_i16x8_s(words))
      v128.store(out, i32x4.extend_high_i16x8_s(words), 16)
    }
  } else {
    for (; out < end; out += 32, x += stride)
      for (let i: usize = 0; i < <usize>columns; i++) store<i32>(out + (i << 2), <i32>load<i8>(x + i) - zero)
  }
}

/** out[row][column] = x[row · stride + column · 4], int32 to rows of 8; stride in bytes. Up to 28 bytes behind the last row may be read. */
export function copyColumns(x: usize, rows: i32, stride: usize, columns: i32, out: usize): void {
  const end = out + ((<usize>rows) << 5)
  if (ASC_FEATURE_SIMD) {
    for (; out < end; out += 32, x += stride) {
      v128.store(out, v128.load(x))
      v128.store(out, v128.load(x, 16), 16)
    }
  } else {
    for (; out < end; out += 32, x += stride)
      for (let i: usize = 0; i < (<usize>columns) << 2; i += 4) store<i32>(out + i, load<i32>(x + i))
  }
}

/**
 * One picture [height][width][channels] of bytes to int16 x − zero inside a frame of zeros, [top + height + bottom][left + width + right][channelStride]:
 * each channel `copies` times, then up to channelStride zeros.
 */
export function widenPicture(
  x: usize,
  height: usize,
  width: usize,
  channels: usize,
  zero: i32,
  top: usize,
  bottom: usize,
  left: usize,
  right: usize,
  copies: usize,
  channelStride: usize,
  out: usize,
): void {
  const rowBytes = ((left + width + right) * channelStride) << 1
  const leftBytes = (left * channelStride) << 1
  const rightBytes = (right * channelStride) << 1
  memory.fill(out, 0, top * rowBytes)
  out += top * rowBytes
  for (let row: usize = 0; row < height; row++) {
    if (leftBytes > 0) memory.fill(out, 0, leftBytes)
    out += leftBytes
    if (channels === channelStride) {
      widen(x, width * channels, zero, out)
      x += width * channels
      out += (width * channels) << 1
    } else {
      for (let column: usize = 0; column < width; column++, x += channels, out += channelStride << 1)
        widenPixel(x, channels, zero, copies, channelStride, out)
    }
    if (rightBytes > 0) memory.fill(out, 0, rightBytes)
    out += rightBytes
  }
  memory.fill(out, 0, bottom * rowBytes)
}

/** As widenPicture, of int16 with the zero point 0. */
export function framePicture(
  x: usize,
  height: usize,
  width: usize,
  channels: usize,
  top: usize,
  bottom: usize,
  left: usize,
  right: usize,
  copies: usize,
  channelStride: usize,
  out: usize,
): void {
  const rowBytes = ((left + width + right) * channelStride) << 1
  const leftBytes = (left * channelStride) << 1
  const rightBytes = (right * channelStride) << 1
  memory.fill(out, 0, top * rowBytes)
  out += top * rowBytes
  for (let row: usize = 0; row < height; row++) {
    memory.fill(out, 0, leftBytes)
    out += leftBytes
    if (channels === channelStride) {
      const bytes = (width * channels) << 1
      memory.copy(out, x, bytes)
      x += bytes
      out += bytes
    } else {
      for (let column: usize = 0; column < width; column++, x += channels << 1, out += channelStride << 1)
        framePixel(x, channels, copies, channelStride, out)
    }
    memory.fill(out, 0, rightBytes)
    out += rightBytes
  }
  memory.fill(out, 0, bottom * rowBytes)
}

function framePixel(x: usize, channels: usize, copies: usize, channelStride: usize, out: usize): void {
  const end = out + (channelStride << 1)
  for (const last = x + (channels << 1); x < last; x += 2) {
    const value = load<i16>(x)
    for (let copy: usize = 0; copy < copies; copy++, out += 2) store<i16>(out, value)
  }
  for (; out < end; out += 2) store<i16>(out, 0)
}

function widenPixel(x: usize, channels: usize, zero: i32, copies: usize, channelStride: usize, out: usize): void {
  const end = out + (channelStride << 1)
  if (copies === 1) {
    widen(x, channels, zero, out)
    out += channels << 1
  } else {
    for (let channel: usize = 0; channel < channels; channel++) {
      const value = <i32>load<i8>(x + channel) - zero
      for (let copy: usize = 0; copy < copies; copy++, out += 2) store<i16>(out, <i16>value)
    }
  }
  for (; out < end; out += 2) store<i16>(out, 0)
}

/** out[i] = value, int16. */
export function fill(out: usize, count: usize, value: i32): void {
  const end = out + (count << 1)
  if (ASC_FEATURE_SIMD) {
    const values = i16x8.splat(<i16>value)
    for (; out + 16 <= end; out += 16) v128.store(out, values)
  }
  for (; out < end; out += 2) store<i16>(out, <i16>value)
}
