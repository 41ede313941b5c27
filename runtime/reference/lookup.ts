import type { Invocation } from './tensor.ts'

/** table[x + 128]. */
export function lookup({ operands: [x, table], result }: Invocation): void {
  for (const [at, value] of x!.values.entries()) result.values[at] = table!.values[value + 128]!
}
