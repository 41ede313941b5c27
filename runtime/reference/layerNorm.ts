import type { Invocation } from './tensor.ts'

/** Rows along the last dimension over their root mean square, less their mean where `centred`; then gamma and beta. Exact integers. */
export function layerNorm({ attributes, operands: [x, gamma, beta], result }: Invocation): void {
  const { centred, repeat, xZero, epsilonLow, epsilonHigh, shift, yZero, yMin, yMax } = attributes as Record<string, number>
  const epsilon = (BigInt(epsilonHigh!) << 32n) + BigInt(epsilonLow! >>> 0)
  const n = x!.shape.at(-1)!
  const places = BigInt(shift! + 15)
  for (let start = 0; start < x!.values.length; start += n) {
    const row = Array.from(x!.values.subarray(start, start + n), (value) => BigInt(value - xZero!))
    const total = (values: readonly bigint[]) => values.reduce((sum, value) => sum + value, 0n)
    const sum = centred === 1 ? total(row) : 0n
    const radicand = BigInt(n) * total(row.map((q) => q * q)) - sum * sum + epsilon
    for (const [index, q] of row.entries()) {
      const entry = Math.floor((start + index) / repeat!) % gamma!.values.length
      const value = timesInverseRoot(BigInt(n) * q - sum, radicand)
      const scaled = value * BigInt(gamma!.values[entry]!) + (BigInt(beta!.values[entry]!) << BigInt(shift!))
      const y = BigInt(yZero!) + roundedShift(scaled, places)
      result.values[start + index] = Number(y < yMin! ? yMin! : y > yMax! ? yMax! : y)
    }
  }
}

/** d / √radicand in Q.15. */
function timesInverseRoot(d: bigint, radicand: bigint): bigint {
  if (radicand === 0n) return 0n
  let half = 0n
  while (radicand << (2n * half + 2n) < 1n << 64n) half += 1n
  const inverse = 2n ** 62n / squareRoot(radicand << (2n * half))
  return roundedShift(d * (inverse < 2n ** 31n ? inverse : 2n ** 31n - 1n), 47n - half)
}

/** Half up. */
function roundedShift(value: bigint, places: bigint): bigint {
  return (value + (1n << (places - 1n))) >> places
}

/** The largest integer whose square is at most `value` > 0: Newton's iteration from above. */
function squareRoot(value: bigint): bigint {
  let root = 1n << 32n
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}
