/**
 * Non-negative least squares: the x ≥ 0 with the least |A·x − b|². By coordinate descent on the normal equations (Franc, Hlaváč, Navara, "Sequential
 * coordinate-wise algorithm for the non-negative least squares problem", 2005): always the same sums in the same order, so always the same bits.
 */

export type LeastSquares = (b: readonly number[]) => number[]

/**
 * A solver for one A, given by its rows, all of one length. Each solution starts from the one before.
 */
export function nonNegativeLeastSquares(rows: readonly (readonly number[])[]): LeastSquares {
  const columns = (rows[0] ?? []).map((_, i) => rows.map((row) => row[i]!))
  const gram = columns.map((left) => columns.map((right) => dot(left, right)))
  const x = columns.map(() => 0)
  return (b) => {
    // A'·(A·x − b)
    const gradient = columns.map((column, i) => dot(gram[i]!, x) - dot(column, b))
    for (let sweep = 0; sweep < mostSweeps && descend(gram, gradient, x) > precision; sweep++);
    return [...x]
  }
}

const mostSweeps = 20_000
const precision = 1e-9

/** One sweep over the unknowns. Answers the largest step, relative to its unknown. */
function descend(gram: readonly (readonly number[])[], gradient: number[], x: number[]): number {
  let largest = 0
  for (const [i, row] of gram.entries()) {
    const curvature = row[i]!
    if (curvature === 0) continue
    const previous = x[i]!
    const next = Math.max(0, previous - gradient[i]! / curvature)
    if (next === previous) continue
    x[i] = next
    for (let j = 0; j < x.length; j++) gradient[j]! += (next - previous) * row[j]!
    largest = Math.max(largest, Math.abs(next - previous) / Math.max(next, previous))
  }
  return largest
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0)
}
