import type { Invocation } from './tensor.ts'

/** Calls `reduce` with the values of each pooling window inside the picture, and stores what it returns, clamped by the caller. */
export function eachWindow({ attributes, operands: [x], result }: Invocation, reduce: (values: readonly number[]) => number): void {
  const { kernelH, kernelW, strideH, strideW, padTop, padLeft } = attributes as Record<string, number>
  const [batch, height, width, channels] = x!.shape as [number, number, number, number]
  const [, outHeight, outWidth] = result.shape as [number, number, number]
  let at = 0
  for (let n = 0; n < batch; n += 1)
    for (let outY = 0; outY < outHeight; outY += 1)
      for (let outX = 0; outX < outWidth; outX += 1)
        for (let c = 0; c < channels; c += 1) {
          const values: number[] = []
          for (let inY = outY * strideH! - padTop!; inY < outY * strideH! - padTop! + kernelH!; inY += 1)
            for (let inX = outX * strideW! - padLeft!; inX < outX * strideW! - padLeft! + kernelW!; inX += 1)
              if (inY >= 0 && inY < height && inX >= 0 && inX < width)
                values.push(x!.values[((n * height + inY) * width + inX) * channels + c]!)
          result.values[at] = reduce(values)
          at += 1
        }
}
