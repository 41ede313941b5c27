/** The rules that the compiled module keeps (docs/architecture.md), as functions from a disassembly to what breaks them. */
import { callsOf, type Disassembly, type Instruction, type WasmFunction } from './disassemble.ts'

export type BinaryRule = {
  name: string
  /** One line for each violation. */
  violations: (module: Disassembly) => string[]
}

/** The fixed cap of the memory's declaration, in pages of 64 KiB. */
const maximumPages = 4096

/**
 * Every floating-point instruction that may occur: exact, or rounded once by IEEE 754, with operands that are never NaN.
 * `v128.load32_splat` and its like move bits and are no floating-point instructions.
 */
const allowedFloat = new Set([
  'f32.load',
  'f32.store',
  'f32.const',
  'f32x4.splat',
  'f32.convert_i32_s',
  'f32x4.convert_i32x4_s',
  ...['mul', 'min', 'max', 'nearest'].flatMap((name) => [`f32.${name}`, `f32x4.${name}`]),
  'i32.trunc_sat_f32_s',
  'i32x4.trunc_sat_f32x4_s',
])

/** Whether the instruction takes or gives floating-point values by its type: f32, f64 and their vectors, conversions and reinterpretations. */
export const isFloat = ({ name }: Instruction) => /f32|f64/.test(name)

const isVector = ({ name }: Instruction) => /^(v128|i8x16|i16x8|i32x4|i64x2|f32x4|f64x2)\./.test(name)

/** Instructions with the function they stand in. */
const where = (module: Disassembly, matches: (instruction: Instruction) => boolean) =>
  module.functions.flatMap(({ name, instructions }) => instructions.filter(matches).map((found) => `${found.name} in ${name}`))

const named = (pattern: RegExp) => (instruction: Instruction) => pattern.test(instruction.name)

export const rules: BinaryRule[] = [
  {
    name: 'imports its memory and nothing else',
    violations: ({ imports }) => {
      const [memory, ...others] = imports
      const unexpected = memory?.kind === 'memory' && memory.name === 'env.memory' ? others : imports
      const missing = unexpected.length === imports.length ? ['it does not import the memory env.memory'] : []
      return [...missing, ...unexpected.map(({ kind, name }) => `it imports the ${kind} ${name}`)]
    },
  },
  {
    name: 'declares a memory that holds its static data and ends at the fixed cap',
    violations: ({ imports: [memory], dataEnd }) => [
      ...(memory?.maximum === maximumPages ? [] : [`the maximum is ${memory?.maximum} pages, not ${maximumPages}`]),
      ...((memory?.initial ?? 0) * 65536 >= dataEnd
        ? []
        : [`static data end at byte ${dataEnd}, past the ${memory?.initial} initial pages`]),
    ],
  },
  {
    name: 'exports functions only',
    violations: ({ exports }) => exports.filter(({ kind }) => kind !== 'func').map(({ kind, name }) => `the ${kind} ${name}`),
  },
  { name: 'has no relaxed SIMD', violations: (module) => where(module, named(/relaxed/)) },
  { name: 'has no atomics', violations: (module) => where(module, named(/atomic/)) },
  { name: 'never grows its memory', violations: (module) => where(module, named(/^memory\.grow$/)) },
  {
    name: 'has no floating-point instructions but those of requantization',
    violations: (module) => where(module, (instruction) => isFloat(instruction) && !allowedFloat.has(instruction.name)),
  },
  {
    name: 'calls directly and has no function table',
    violations: (module) => [
      ...where(module, named(/^(return_)?call_(indirect|ref)$|^ref\.|^table\./)),
      ...(module.elements === 0 ? [] : [`${module.elements} functions in element segments`]),
    ],
  },
  { name: 'never recurses', violations: (module) => recursions(module.functions) },
  {
    name: 'starts without anything that could trap',
    violations: ({ functions, start }) => {
      const harmless = /^([if](32|64)\.const|v128\.const|global\.(get|set)|end)$/
      const starting = functions.find(({ index }) => index === start)
      return (starting?.instructions ?? []).filter(({ name }) => !harmless.test(name)).map(({ name }) => `${name} in the start function`)
    },
  },
]

/** Holds for the scalar build beside the rules above. */
export const scalarRule: BinaryRule = {
  name: 'has no vector instructions',
  violations: (module) => where(module, isVector),
}

/** Each circle of direct calls once, as names. */
function recursions(functions: WasmFunction[]): string[] {
  const byIndex = new Map(functions.map((found) => [found.index, found]))
  const done = new Set<number>()
  const path: number[] = []
  const circles: string[] = []
  const visit = (index: number) => {
    const found = byIndex.get(index)
    if (found === undefined || done.has(index)) return
    const before = path.indexOf(index)
    if (before >= 0) {
      circles.push([...path.slice(before), index].map((at) => byIndex.get(at)!.name).join(' → '))
      return
    }
    path.push(index)
    for (const called of callsOf(found)) visit(called)
    path.pop()
    done.add(index)
  }
  for (const { index } of functions) visit(index)
  return circles
}
