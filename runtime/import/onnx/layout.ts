/**
 * How a tensor of the graph lies in the artifact's memory. Transpose, Reshape, Flatten, Squeeze and Unsqueeze only change how the same bytes
 * are read; a transpose is paid for where an operator needs another order than the bytes have.
 *
 * `parts`: for each dimension of the graph's tensor its factors, the slowest first; a dimension of 1 has none. `order`: all factors, numbered
 * through the dimensions in order, as they lie in memory, the slowest first. Factors of one dimension that lie one after the other are one
 * factor, so that equal layouts have equal fields.
 */
export type Layout = { readonly parts: readonly (readonly number[])[]; readonly order: readonly number[] }

/** Dimensions in memory as `permutation` names them. */
export function permutedLayout(shape: readonly number[], permutation: readonly number[]): Layout {
  const numbers = new Map<number, number>()
  for (const [dimension, size] of shape.entries()) if (size > 1) numbers.set(dimension, numbers.size)
  return {
    parts: shape.map((size) => (size > 1 ? [size] : [])),
    order: permutation.filter((dimension) => numbers.has(dimension)).map((dimension) => numbers.get(dimension)!),
  }
}

/** 0, 1, 2 … */
export function straight(rank: number): number[] {
  return Array.from({ length: rank }, (_, dimension) => dimension)
}

/** Pictures [N, C, H, W] as N, H, W, C. */
export function channelsLast(rank: number): number[] {
  return rank < 3 ? straight(rank) : [0, ...straight(rank).slice(2), 1]
}

export function sameLayout(a: Layout, b: Layout): boolean {
  return JSON.stringify(a.parts) === JSON.stringify(b.parts) && a.order.join() === b.order.join()
}

/** Dimension d of the result is dimension permutation[d]. */
export function transposed({ parts, order }: Layout, permutation: readonly number[]): Layout {
  const firsts = firstNumbers(parts)
  const renumbered = new Map<number, number>()
  for (const dimension of permutation)
    for (let factor = 0; factor < parts[dimension]!.length; factor += 1) renumbered.set(firsts[dimension]! + factor, renumbered.size)
  return { parts: permutation.map((dimension) => parts[dimension]!), order: order.map((number) => renumbered.get(number)!) }
}

/** The same elements, in the graph's order, as another shape of as many; undefined where factors would have to be torn apart. */
export function reshaped(layout: Layout, shape: readonly number[]): Layout | undefined {
  const runs = mergedRuns(layout)
  const parts: number[][] = []
  const places: { run: number; piece: number }[] = []
  let [at, piece, left] = [0, 0, runs[0]?.size ?? 1]
  for (const size of shape) {
    const factors: number[] = []
    for (let need = size; need > 1; ) {
      const taken = need % left === 0 ? left : left % need === 0 ? need : undefined
      if (taken === undefined) return undefined
      factors.push(taken)
      places.push({ run: runs[at]!.position, piece })
      need /= taken
      left /= taken
      piece += 1
      if (left > 1) continue
      at += 1
      piece = 0
      left = runs[at]?.size ?? 1
      if (at >= runs.length && need > 1) return undefined
    }
    parts.push(factors)
  }
  const order = straight(places.length).sort((a, b) => places[a]!.run - places[b]!.run || places[a]!.piece - places[b]!.piece)
  return { parts, order }
}

/** Whether memory holds the dimensions of the groups one after the other, each in its own order. */
export function liesAs({ parts, order }: Layout, groups: readonly (readonly number[])[]): boolean {
  const firsts = firstNumbers(parts)
  const wanted = groups.flat().flatMap((dimension) => parts[dimension]!.map((_, factor) => firsts[dimension]! + factor))
  return wanted.join() === order.join()
}

/** The transpose that brings the dimensions into an order: sizes in memory, and for each of the result's the one that it is. */
export function transposition({ parts, order }: Layout, dimensions: readonly number[]): { before: number[]; from: number[] } {
  const sizes = parts.flat()
  const firsts = firstNumbers(parts)
  const wanted = dimensions.flatMap((dimension) => parts[dimension]!.map((_, factor) => firsts[dimension]! + factor))
  // Factors that follow each other before and after move as one.
  const heads = order.filter((number, at) => at === 0 || wanted[wanted.indexOf(order[at - 1]!) + 1] !== number)
  const before = heads.map((head, at) => {
    const [start, end] = [order.indexOf(head), at + 1 < heads.length ? order.indexOf(heads[at + 1]!) : order.length]
    return order.slice(start, end).reduce((size, number) => size * sizes[number]!, 1)
  })
  return { before, from: wanted.filter((number) => heads.includes(number)).map((number) => heads.indexOf(number)) }
}

/** The dimensions in memory order, if each lies whole; those of 1 wherever the usual orders have them. */
export function permutationOf(layout: Layout): number[] | undefined {
  const rank = layout.parts.length
  for (const usual of [straight(rank), channelsLast(rank)]) if (liesAs(layout, [usual])) return usual
  const owners = layout.parts.flatMap((factors, dimension) => factors.map(() => dimension))
  const dimensions = layout.order.map((number) => owners[number]!).filter((dimension, at, all) => dimension !== all[at - 1])
  const permutation = [...straight(rank).filter((dimension) => layout.parts[dimension]!.length === 0), ...dimensions]
  return liesAs(layout, [permutation]) ? permutation : undefined
}

/** For each place in memory the number of the element in the graph's order. */
export function elementsInMemoryOrder({ parts, order }: Layout): Int32Array {
  const sizes = parts.flat()
  const strides = new Array<number>(sizes.length)
  for (let number = sizes.length - 1, stride = 1; number >= 0; number -= 1) {
    strides[number] = stride
    stride *= sizes[number]!
  }
  let elements = Int32Array.of(0)
  for (const number of order) {
    const [size, stride] = [sizes[number]!, strides[number]!]
    const wider = new Int32Array(elements.length * size)
    for (const [at, element] of elements.entries())
      for (let step = 0; step < size; step += 1) wider[at * size + step] = element + step * stride
    elements = wider
  }
  return elements
}

function firstNumbers(parts: Layout['parts']): number[] {
  let next = 0
  return parts.map((factors) => {
    next += factors.length
    return next - factors.length
  })
}

/** Neighbours in the graph's order that are neighbours in memory too are one run, whatever dimension they belong to. */
function mergedRuns({ parts, order }: Layout): { size: number; position: number }[] {
  const positions = new Array<number>(order.length)
  for (const [position, number] of order.entries()) positions[number] = position
  const runs: { size: number; position: number; last: number }[] = []
  for (const [number, size] of parts.flat().entries()) {
    const previous = runs.at(-1)
    const position = positions[number]!
    if (previous !== undefined && previous.last + 1 === position) {
      previous.size *= size
      previous.last = position
    } else runs.push({ size, position, last: position })
  }
  return runs
}
