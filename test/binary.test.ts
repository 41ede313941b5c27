import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import wabt from 'wabt'
import { compileAssembly } from '../scripts/build-wasm.ts'
import { type Disassembly, disassemble, disassembleBytes, sourceFinder } from './binary/disassemble.ts'
import { isFloat, rules, scalarRule } from './binary/rules.ts'

const root = dirname(import.meta.dirname)

const builds = [
  { name: 'SIMD', file: 'build/infernode.wasm', rules },
  { name: 'scalar', file: 'build/infernode.scalar.wasm', rules: [...rules, scalarRule] },
]

for (const build of builds) {
  const file = join(root, build.file)
  const module: Disassembly | undefined = existsSync(file) ? disassemble(file) : undefined

  test(`the ${build.name} build is there and is disassembled whole`, () => {
    assert.ok(module, `${build.file} does not exist: npm run build`)
    assert.ok(module.functions.length > 0)
    for (const { name, instructions } of module.functions) assert.equal(instructions.at(-1)?.name, 'end', `${name} ends early`)
  })

  for (const rule of build.rules)
    test(`the ${build.name} build ${rule.name}`, () => assert.deepEqual(module && [...new Set(rule.violations(module))], []))
}

/** The one source file that floating-point instructions come from. */
const floatSource = 'assembly/math/fp32.ts'

/** Where the floating-point instructions of a module come from that do not come from `floatSource`. The module is built unoptimized, with a source map. */
async function strayFloats(tree: string, options: string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'infernode-floats-'))
  try {
    const file = join(folder, 'unoptimized.wasm')
    await compileAssembly(tree, 'unoptimized', file, ['--sourceMap', ...options])
    const source = sourceFinder(`${file}.map`)
    const stray = disassemble(file).functions.flatMap((found) =>
      found.instructions
        .filter(isFloat)
        .map((instruction) => ({ name: instruction.name, source: source(found, instruction) }))
        .filter(({ source }) => source !== floatSource)
        .map(({ name, source }) => `${name} from ${source} in ${found.name}`),
    )
    return [...new Set(stray)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test(`floating-point instructions of the SIMD build come from ${floatSource}`, async () =>
  assert.deepEqual(await strayFloats(root, ['--enable', 'simd']), []))

test(`floating-point instructions of the scalar build come from ${floatSource}`, async () =>
  assert.deepEqual(await strayFloats(root, []), []))

test('a floating-point instruction from another source file is found, inlined or not', async () => {
  const tree = mkdtempSync(join(tmpdir(), 'infernode-planted-'))
  try {
    mkdirSync(join(tree, 'assembly/math'), { recursive: true })
    writeFileSync(
      join(tree, floatSource),
      `// @ts-ignore: decorator
      @inline
      export function scale(x: i32, at: usize): i32 { return <i32>nearest<f32>(<f32>x * load<f32>(at)) }`,
    )
    writeFileSync(
      join(tree, 'assembly/index.ts'),
      `import { scale } from './math/fp32'
      // @ts-ignore: decorator
      @inline
      function half(x: i32): i32 { return <i32>(<f32>x * 0.5) }
      export function good(x: i32, at: usize): i32 { return scale(x, at) }
      export function bad(x: i32): i32 { return half(x) }`,
    )
    copyFileSync(join(root, 'asconfig.json'), join(tree, 'asconfig.json'))
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'), 'dir')
    const stray = await strayFloats(tree, [])
    assert.ok(stray.includes('f32.mul from assembly/index.ts in assembly/index/bad'), stray.join('\n'))
    assert.deepEqual(
      stray.filter((line) => !line.endsWith('assembly/index/bad')),
      [],
    )
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
})

const memory = '(import "env" "memory" (memory 1 4096))'

/** For each rule, modules that break it, and what the rule says of them. */
const planted: Record<string, { wat: string; says: string[] }[]> = {
  'imports its memory and nothing else': [
    { wat: '(memory 1 4096)', says: ['it does not import the memory env.memory'] },
    { wat: `${memory} (import "env" "abort" (func))`, says: ['it imports the func env.abort'] },
    { wat: `${memory} (import "env" "seed" (global i32))`, says: ['it imports the global env.seed'] },
  ],
  'declares a memory that holds its static data and ends at the fixed cap': [
    { wat: '(import "env" "memory" (memory 1))', says: ['the maximum is undefined pages, not 4096'] },
    {
      wat: `${memory} (data (i32.const 65535) "ab")`,
      says: ['static data end at byte 65537, past the 1 initial pages'],
    },
  ],
  'exports functions only': [{ wat: `${memory} (export "memory" (memory 0))`, says: ['the memory memory'] }],
  'has no relaxed SIMD': [
    {
      wat: `${memory} (func $a (param v128) (result v128) local.get 0 local.get 0 i8x16.relaxed_swizzle)`,
      says: ['i8x16.relaxed_swizzle in func[0]'],
    },
  ],
  'has no atomics': [
    { wat: `${memory} (func $a (param i32) (result i32) local.get 0 i32.atomic.load)`, says: ['i32.atomic.load in func[0]'] },
    { wat: `${memory} (func $a atomic.fence)`, says: ['atomic.fence in func[0]'] },
  ],
  'never grows its memory': [{ wat: `${memory} (func $a (result i32) i32.const 1 memory.grow)`, says: ['memory.grow in func[0]'] }],
  'has no floating-point instructions but those of requantization': [
    {
      wat: `${memory} (func $a (param f32) (result f32) local.get 0 local.get 0 f32.mul local.get 0 f32.add f32.sqrt)`,
      says: ['f32.add in func[0]', 'f32.sqrt in func[0]'],
    },
    { wat: `${memory} (func $a (param i32) (result f64) local.get 0 f64.convert_i32_s)`, says: ['f64.convert_i32_s in func[0]'] },
    {
      wat: `${memory} (func $a (param v128) (result v128) local.get 0 local.get 0 f32x4.div f64x2.abs i32x4.trunc_sat_f32x4_u)`,
      says: ['f32x4.div in func[0]', 'f64x2.abs in func[0]', 'i32x4.trunc_sat_f32x4_u in func[0]'],
    },
    { wat: `${memory} (func $a (param f32) (result i32) local.get 0 i32.reinterpret_f32)`, says: ['i32.reinterpret_f32 in func[0]'] },
  ],
  'calls directly and has no function table': [
    {
      wat: `${memory} (table 1 funcref) (elem (i32.const 0) $a) (func $a i32.const 0 call_indirect)`,
      says: ['call_indirect in func[0]', '1 functions in element segments'],
    },
  ],
  'never recurses': [
    { wat: `${memory} (func $a call $a)`, says: ['func[0] → func[0]'] },
    { wat: `${memory} (func $a call $b) (func $b call $c) (func $c call $b)`, says: ['func[1] → func[2] → func[1]'] },
  ],
  'starts without anything that could trap': [
    {
      wat: `${memory} (global $g (mut i32) (i32.const 0)) (start $a) (func $a i32.const 7 global.set $g i32.const 0 i32.load drop)`,
      says: ['i32.load in the start function', 'drop in the start function'],
    },
  ],
  'has no vector instructions': [
    {
      wat: `${memory} (func $a (param i32) local.get 0 i32.const 1 i8x16.splat v128.store)`,
      says: ['i8x16.splat in func[0]', 'v128.store in func[0]'],
    },
  ],
}

const { parseWat } = await wabt()

for (const rule of [...rules, scalarRule])
  test(`a module is found that breaks the rule: ${rule.name}`, () => {
    const modules = planted[rule.name] ?? []
    assert.ok(modules.length > 0, 'no module is planted for this rule')
    for (const { wat, says } of modules) {
      const parsed = parseWat('planted.wat', `(module ${wat})`, { relaxed_simd: true, threads: true })
      assert.deepEqual(rule.violations(disassembleBytes(parsed.toBinary({}).buffer)), says)
      parsed.destroy()
    }
  })
