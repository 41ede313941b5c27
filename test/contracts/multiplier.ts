/** docs/arithmetic.md: r = f · 2^shift with ½ ≤ f < 1, m = round(f · 2^31), for r = numerator / denominator; by search instead of shifts. */
export function multiplierOf(numerator: bigint, denominator: bigint): [number, number] {
  for (let shift = 30; shift >= -31; shift--) {
    // f = numerator / (denominator · 2^shift)
    const [over, under] = shift >= 0 ? [numerator, denominator * 2n ** BigInt(shift)] : [numerator * 2n ** BigInt(-shift), denominator]
    if (2n * over < under || over >= under) continue
    const rounded = (2n * over * 2n ** 31n + under) / (2n * under)
    return rounded === 2n ** 31n ? [2 ** 30, shift + 1] : [Number(rounded), shift]
  }
  return [0, 0]
}
