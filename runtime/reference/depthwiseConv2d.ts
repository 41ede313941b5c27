import { biasOf, layerOutput, layerOutput16 } from './arithmetic.ts'
import type { Invocation } from './tensor.ts'

/** x [N,H,W,C] · weights [1,KH,KW,C·m] · bias [C·m] → [N,OH,OW,C·m]; output channel o reads input channel ⌊o / m⌋. */
export function depthwiseConv2d({ attributes, scales, operands: [x, weights, bias], result }: Invocation): void {
  const { strideH, strideW, dilationH, dilationW, padTop, padLeft, xZero, wZero } = attributes as Record<string, number>
  const [batch, height, width, channels] = x!.shape as [number, number, number, number]
  const [, kernelH, kernelW, outChannels] = weights!.shape as [number, number, number, number]
  const [, outHeight, outWidth] = result.shape as [number, number, number]
  const multiple = outChannels / channels
  const output = x!.type === 'int16' ? layerOutput16(scales, attributes, bias) : layerOutput(scales, attributes)
  const initial = biasOf(bias)
  let at = 0
  for (let n = 0; n < batch; n += 1)
    for (let outY = 0; outY < outHeight; outY += 1)
      for (let outX = 0; outX < outWidth; outX += 1)
        for (let o = 0; o < outChannels; o += 1) {
          const c = Math.floor(o / multiple)
          let sum = initial(o)
          for (let i = 0; i < kernelH; i += 1) {
            const inY = outY * strideH! - padTop! + i * dilationH!
            if (inY < 0 || inY >= height) continue
            for (let j = 0; j < kernelW; j += 1) {
              const inX = outX * strideW! - padLeft! + j * dilationW!
              if (inX < 0 || inX >= width) continue
              const weight = weights!.values[(i * kernelW + j) * outChannels + o]! - wZero!
              sum += weight * (x!.values[((n * height + inY) * width + inX) * channels + c]! - xZero!)
            }
          }
          result.values[at] = output(sum, o)
          at += 1
        }
}
