/**
 * Rebuilds runtime/import/onnx/generated/ from onnx.proto with `protoc` (Debian: apt-get install protobuf-compiler; written with 3.21.12) and
 * protoc-gen-es of the same version as the runtime library, which is brought from npm into a scratch folder: nothing else needs it.
 * `--check` compares instead of writing and fails where the committed file differs.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }

const folder = new URL('../runtime/import/onnx/', import.meta.url).pathname
const name = 'onnx_pb.ts'
const committed = join(folder, 'generated', name)
const scratch = mkdtempSync(join(tmpdir(), 'infernode-protoc-'))

try {
  const plugin = `@bufbuild/protoc-gen-es@${packageJson.dependencies['@bufbuild/protobuf']}`
  execFileSync('npm', ['install', '--prefix', scratch, '--no-audit', '--no-fund', '--silent', plugin], { stdio: 'inherit' })
  const options = [`--es_out=${scratch}`, '--es_opt=target=ts,import_extension=ts']
  const path = `--plugin=protoc-gen-es=${join(scratch, 'node_modules/.bin/protoc-gen-es')}`
  execFileSync('protoc', [path, ...options, `--proto_path=${folder}`, 'onnx.proto'], { stdio: 'inherit' })
  const source = readFileSync(join(scratch, name), 'utf8')
  if (process.argv.includes('--check')) {
    if (readFileSync(committed, 'utf8') !== source) throw new Error('the generated file differs from onnx.proto; run npm run generate:onnx')
  } else {
    mkdirSync(join(folder, 'generated'), { recursive: true })
    writeFileSync(committed, source)
  }
} finally {
  rmSync(scratch, { recursive: true })
}
