import { biasOf, layerOutput, layerOutput16 } from './arithmetic.ts'
import type { Invocation } from './tensor.ts'

/** x [N,H,W,C] · weights [O,KH,KW,C] · bias [O] → [N,OH,OW,O]. Padding counts as xZero and adds nothing. */
export function conv2d({ attributes, scales, operands: [x, weights, bias], result }: Invocation): void {
  const { strideH, strideW, dilationH, dilationW, padTop, padLeft, xZero, wZero } = attributes as Record<string, number>
  const [batch, height, width, channels] = x!.shape as [number, number, number, number]
  const [outChannels, kernelH, kernelW] = weights!.shape as [number, number, number]
  const [, outHeight, outWidth] = result.shape as [number, number, number]
  const output = x!.type === 'int16' ? layerOutput16(scales, attributes, bias) : layerOutput(scales, attributes)
  const initial = biasOf(bias)
  let at = 0
  for (let n = 0; n < batch; n += 1)
    for (let outY = 0; outY < outHeight; outY += 1)
      for (let outX = 0; outX < outWidth; outX += 1)
        for (let o = 0; o < outChannels; o += 1) {
          let sum = initial(o)
          for (let i = 0; i < kernelH; i += 1) {
            const inY = outY * strideH! - padTop! + i * dilationH!
            if (inY < 0 || inY >= height) continue
            for (let j = 0; j < kernelW; j += 1) {
              const inX = outX * strideW! - padLeft! + j * dilationW!
              if (inX < 0 || inX >= width) continue
              const pixel = ((n * height + inY) * width + inX) * channels
              const tap = ((o * kernelH + i) * kernelW + j) * channels
              for (let c = 0; c < channels; c += 1) sum += (weights!.values[tap + c]! - wZero!) * (x!.values[pixel + c]! - xZero!)
            }
          }
          result.values[at] = output(sum, o)
          at += 1
        }
}
