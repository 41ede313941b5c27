/** Calldata with something wrong: flips bits, sets words to extremes, cuts the end off. The selector stays. */
import { randomBytes } from '../precompiles/models.ts'

export function mutate(valid: Uint8Array, seed: number): Uint8Array {
  const random = randomBytes(12, seed)
  const data = valid.slice()
  const words = (data.length - 4) / 32
  const word = 4 + 32 * (((random[0]! << 8) | random[1]!) % words)
  const kind = random[2]! % 5
  if (kind === 0) data[word + (random[3]! % 32)]! ^= 1 << (random[4]! % 8)
  if (kind === 1) data.fill(0xff, word, word + 32)
  if (kind === 2) data.fill(0, word, word + 32)
  if (kind === 3) data.set(randomBytes(4, seed + 1), word + 28)
  if (kind === 4) return data.subarray(0, 4 + (((random[3]! << 8) | random[4]!) % (data.length - 4)))
  return data
}
