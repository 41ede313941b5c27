import { PNG } from 'pngjs'
import { integersToBytes, portText, type TensorPort } from '../../client/tensors.ts'
import { InputFileError } from './errors.ts'

/**
 * A picture for an input [1, height, width, 1 or 3]: pixel p (0…255) becomes p − 128 for int8 and p for uint8, which is what
 * pictures scaled to 0…255, 0…1 or −1…1 quantize to. A colour picture for one channel is turned to grey by the Rec. 601 luma, in integers.
 */
export function readPng(file: Uint8Array, port: TensorPort, name: string): Uint8Array {
  const [batch, height, width, channels] = port.shape
  if (port.shape.length !== 4 || batch !== 1 || (channels !== 1 && channels !== 3) || (port.type !== 'int8' && port.type !== 'uint8'))
    throw new InputFileError('INPUT_TYPE', `${name}: the model's input ${portText(port)} is not a picture; give a .npy or .bin file`)
  let picture: PNG
  try {
    picture = PNG.sync.read(Buffer.from(file))
  } catch (cause) {
    throw new InputFileError('INPUT_FORMAT', `${name}: not a readable PNG (${(cause as Error).message})`, { cause })
  }
  if (picture.width !== width || picture.height !== height)
    throw new InputFileError(
      'INPUT_LENGTH',
      `${name}: the picture is ${picture.width}×${picture.height}, the model wants ${width}×${height}`,
    )
  const offset = port.type === 'int8' ? 128 : 0
  const values: number[] = []
  for (let pixel = 0; pixel < picture.data.length; pixel += 4) {
    const [red, green, blue] = picture.data.subarray(pixel, pixel + 3) as unknown as [number, number, number]
    if (channels === 3) values.push(red - offset, green - offset, blue - offset)
    else values.push(Math.floor((red * 299 + green * 587 + blue * 114 + 500) / 1000) - offset)
  }
  return integersToBytes(values, port)
}
