/** Floats of 8 and 4 bits (the standard's float8 and float4 types, OCP): a table of the numbers that their codes stand for. */

type Format = { readonly exponentBits: number; readonly mantissaBits: number; readonly special: 'none' | 'nan' | 'infinity' }

const formats: Readonly<Record<string, Format>> = {
  float8e4m3fn: { exponentBits: 4, mantissaBits: 3, special: 'nan' },
  float8e5m2: { exponentBits: 5, mantissaBits: 2, special: 'infinity' },
  float4e2m1: { exponentBits: 2, mantissaBits: 1, special: 'none' },
}

/** The numbers of 256 codes, as the artifact's int8 has them (128 less): those of fewer bits repeat. undefined for another type. */
export function floatCodes(type: string): Float32Array | undefined {
  const format = formats[type]
  return format === undefined ? undefined : Float32Array.from({ length: 256 }, (_, code) => floatOf(code, format))
}

function floatOf(code: number, { exponentBits, mantissaBits, special }: Format): number {
  const sign = (code >> (exponentBits + mantissaBits)) & 1 ? -1 : 1
  const [mantissas, exponents] = [2 ** mantissaBits, 2 ** exponentBits]
  const mantissa = code & (mantissas - 1)
  const exponent = (code >> mantissaBits) & (exponents - 1)
  if (exponent === exponents - 1) {
    if (special === 'infinity') return mantissa === 0 ? sign * Infinity : Number.NaN
    if (special === 'nan' && mantissa === mantissas - 1) return Number.NaN
  }
  const bias = exponents / 2 - 1
  const value = exponent === 0 ? (mantissa / mantissas) * 2 ** (1 - bias) : (1 + mantissa / mantissas) * 2 ** (exponent - bias)
  return sign * value
}
