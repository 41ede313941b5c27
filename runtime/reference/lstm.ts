import { biasOf, clamp, multiply, multiplyWide } from './arithmetic.ts'
import { logisticInt16, tanhInt16 } from './int16.ts'
import type { Invocation } from './tensor.ts'

const gates = { input: 0, forget: 1, cell: 2, output: 3 } as const

/** x [N,T,I] or [T,N,I] · inputWeights [4,S,I] · recurrentWeights [4,S,S] · bias [4,S] · hidden, cell [N,S] → y, next hidden, next cell. */
export function lstm({ attributes, scales, operands, results: [y, nextHidden, nextCell] }: Invocation): void {
  const { timeFirst, xZero, hiddenZero, cellClip } = attributes as Record<string, number>
  const [x, inputWeights, recurrentWeights, bias, hidden, cell] = operands
  const [batch, time] = timeFirst === 1 ? [x!.shape[1]!, x!.shape[0]!] : [x!.shape[0]!, x!.shape[1]!]
  const [, units, inputs] = inputWeights!.shape as [number, number, number]
  const isWide = x!.type === 'int16'
  const [low, high] = isWide ? [-32768, 32767] : [-128, 127]
  // The bias of int16 has one dimension more, for its words.
  const initial = biasOf({ ...bias!, shape: isWide ? [4 * units, 2] : [4 * units] })
  nextHidden!.values.set(hidden!.values)
  nextCell!.values.set(cell!.values)

  for (let n = 0; n < batch; n += 1)
    for (let t = 0; t < time; t += 1) {
      const row = timeFirst === 1 ? t * batch + n : n * time + t
      const seen = Array.from(x!.values.subarray(row * inputs, (row + 1) * inputs), (value) => value - xZero!)
      const known = Array.from(nextHidden!.values.subarray(n * units, (n + 1) * units), (value) => value - hiddenZero!)
      for (let unit = 0; unit < units; unit += 1) {
        const at = n * units + unit
        const gate = (name: keyof typeof gates) => gateOf(gates[name], unit, seen, known)
        const kept = toWord(multiply(gate('forget') * nextCell!.values[at]!, scales[8]!))
        const added = toWord(multiply(gate('input') * gate('cell'), scales[9]!))
        const next = toWord(kept + added)
        nextCell!.values[at] = cellClip! > 0 ? clamp(next, -cellClip!, cellClip!) : next
        const curve = tanhInt16(multiply(nextCell!.values[at]!, { ...scales[11]!, mode: 'single' }))
        const value = clamp(hiddenZero! + multiply(curve * gate('output'), scales[10]!), low, high)
        nextHidden!.values[at] = value
        y!.values[row * units + unit] = value
      }
    }

  /** In Q0.15, of a sum in Q3.12. */
  function gateOf(gate: number, unit: number, seen: readonly number[], known: readonly number[]): number {
    const channel = gate * units + unit
    const dot = (weights: ArrayLike<number>, values: readonly number[]) =>
      values.reduce((sum, value, i) => sum + value * weights[channel * values.length + i]!, 0)
    const scaled = (accumulator: number, entry: number) =>
      toWord(isWide ? multiplyWide(accumulator, scales[entry]!) : multiply(accumulator, scales[entry]!))
    const sum = toWord(
      scaled(initial(channel) + dot(inputWeights!.values, seen), gate) + scaled(dot(recurrentWeights!.values, known), 4 + gate),
    )
    return gate === gates.cell ? tanhInt16(3 * sum) : logisticInt16(3 * sum)
  }
}

function toWord(value: number): number {
  return clamp(value, -32768, 32767)
}
