/** The kernels' unit tests, written in AssemblyScript and run by as-pect, once for each build of the kernels. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** The builds: for each, test/kernels has an asconfig of that name. */
export const kernelBuilds = ['simd', 'scalar'] as const

type KernelReport = { passed: number; failed: number; output: string; durationMs: number }

/** Runs all specs of test/kernels in one build. What cannot be compiled counts as one failure. */
export async function runKernelTests(root: string, build: (typeof kernelBuilds)[number]): Promise<KernelReport> {
  const start = performance.now()
  const asp = join(root, 'node_modules/@as-pect/cli/bin/asp.js')
  const args = ['--summary', '--config', 'test/kernels/as-pect.config.js', '--as-config', `test/kernels/${build}.asconfig.json`]
  const { output, status } = await collect(process.execPath, [asp, ...args], root)
  const [, passed, all] = /\[Tests\]: (\d+) \/ (\d+)/.exec(output) ?? []
  const failed = Number(all ?? 0) - Number(passed ?? 0)
  return {
    passed: Number(passed ?? 0),
    failed: status === 0 && Number(all ?? 0) > 0 ? failed : Math.max(failed, 1),
    // Its banner and versions come first.
    output: output.replace(/^[\s\S]*?ASC Version: .*\n/, ''),
    durationMs: performance.now() - start,
  }
}

function collect(file: string, args: string[], cwd: string): Promise<{ output: string; status: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject)
    child.on('close', (status) => resolve({ output: stripVTControlCharacters(output), status }))
  })
}

if (import.meta.main) {
  for (const build of kernelBuilds) {
    const { passed, failed, output } = await runKernelTests(dirname(import.meta.dirname), build)
    console.log(`${build}\n${output}`)
    console.log(`${passed} passed, ${failed} failed`)
    if (failed > 0) process.exitCode = 1
  }
}
