/** A WebAssembly module as the rules of test/binary.test.ts look at it, read from what wabt's wasm-objdump says of it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire, SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type Instruction = {
  /** Byte offset in the file. */
  offset: number
  /** Its name in the text format, such as `i32.add`. */
  name: string
  /** The immediates as wasm-objdump prints them. */
  immediates: string
}

export type WasmFunction = { index: number; name: string; instructions: Instruction[] }

export type Disassembly = {
  /** In order: kind, `module.name`, and for a memory its limits in pages. */
  imports: { kind: string; name: string; initial?: number; maximum?: number }[]
  exports: { kind: string; index: number; name: string }[]
  functions: WasmFunction[]
  /** Index of the start function. */
  start: number | undefined
  /** Entries in element segments. */
  elements: number
  /** First byte behind the highest active data segment. */
  dataEnd: number
}

const objdump = join(dirname(createRequire(import.meta.url).resolve('wabt/package.json')), 'bin', 'wasm-objdump')

/** Disassembles a module in memory. */
export function disassembleBytes(bytes: Uint8Array): Disassembly {
  const folder = mkdtempSync(join(tmpdir(), 'infernode-binary-'))
  try {
    writeFileSync(join(folder, 'module.wasm'), bytes)
    return disassemble(join(folder, 'module.wasm'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Disassembles a module's file. */
export function disassemble(file: string): Disassembly {
  const options = { encoding: 'utf8', maxBuffer: 256 << 20 } as const
  const text = execFileSync(process.execPath, [objdump, '-x', '-d', file], options)
  const [details = '', code = ''] = text.split('\nCode Disassembly:\n')
  return { ...parseDetails(details), functions: parseCode(code) }
}

function parseDetails(text: string): Omit<Disassembly, 'functions'> {
  const found: Omit<Disassembly, 'functions'> = { imports: [], exports: [], start: undefined, elements: 0, dataEnd: 0 }
  let section = ''
  for (const line of text.split('\n')) {
    section = /^(\w+)(\[\d+\])?:$/.exec(line)?.[1] ?? section
    if (section === 'Import') {
      const [, kind = '', limits = '', name = ''] = /^ - (\w+)\[\d+\](.*) <- (\S+)$/.exec(line) ?? []
      if (kind === '') continue
      const [initial, maximum] = [/initial=(\d+)/.exec(limits)?.[1], /max=(\d+)/.exec(limits)?.[1]]
      found.imports.push({ kind, name, ...(initial && { initial: Number(initial) }), ...(maximum && { maximum: Number(maximum) }) })
    }
    const exported = /^ - (\w+)\[(\d+)\].* -> "(.*)"$/.exec(line)
    if (section === 'Export' && exported) found.exports.push({ kind: exported[1]!, index: Number(exported[2]), name: exported[3]! })
    const start = /^ - start function: (\d+)/.exec(line)
    if (section === 'Start' && start) found.start = Number(start[1])
    if (section === 'Elem' && /^ {2}- elem\[/.test(line)) found.elements++
    const segment = /^ - segment\[\d+\].* size=(\d+) - init i32=(-?\d+)/.exec(line)
    if (section === 'Data' && segment) found.dataEnd = Math.max(found.dataEnd, Number(segment[1]) + (Number(segment[2]) >>> 0))
  }
  return found
}

function parseCode(text: string): WasmFunction[] {
  const functions: WasmFunction[] = []
  for (const line of text.split('\n')) {
    const header = /^[0-9a-f]+ func\[(\d+)\](?: <(.*)>)?:$/.exec(line)
    if (header) functions.push({ index: Number(header[1]), name: header[2] ?? `func[${header[1]}]`, instructions: [] })
    // Long immediates go on in lines without a text; declarations of locals are no instructions.
    const instruction = /^ ([0-9a-f]+):(?: [0-9a-f]{2})+ +\| +([a-z]\S*) ?(.*)$/.exec(line)
    if (!instruction || /^local\[/.test(instruction[2]!)) continue
    functions
      .at(-1)!
      .instructions.push({ offset: Number.parseInt(instruction[1]!, 16), name: instruction[2]!, immediates: instruction[3]! })
  }
  return functions
}

/** The direct calls of a function, by index. */
export function callsOf({ instructions }: WasmFunction): number[] {
  return instructions.filter(({ name }) => /^(return_)?call$/.test(name)).map(({ immediates }) => Number.parseInt(immediates, 10))
}

/**
 * Tells which source file an instruction comes from, by the module's source map: inlined code keeps its own file.
 * An instruction that the map leaves out belongs with the one before it in its function.
 */
export function sourceFinder(mapFile: string): (wasmFunction: WasmFunction, at: Instruction) => string | undefined {
  const map = new SourceMap(JSON.parse(readFileSync(mapFile, 'utf8')))
  const sourceAt = (offset: number) => {
    const entry = map.findEntry(0, offset)
    return 'originalSource' in entry ? entry.originalSource : undefined
  }
  return ({ instructions }, at) => {
    for (let i = instructions.indexOf(at); i >= 0; i--) {
      const source = sourceAt(instructions[i]!.offset)
      if (source !== undefined) return source
    }
    return undefined
  }
}
