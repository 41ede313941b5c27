/** The tarball that npm would publish, installed in an empty project: a stock ethereumjs VM runs a trained model. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
let project: string

/** What a user of the package writes. Prints the sender's output for the first sample as hex, and the gas. */
const program = `
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { Account, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { createVM } from '@ethereumjs/vm'
import { createHost, importTflite, loadModule } from 'infernode'
import { addresses, genesisAccounts, inferenceAbi, installInfernode, maxChunkBytes, predeploys } from 'infernode/precompiles'
import { decodeFunctionResult, encodeFunctionData, bytesToHex } from 'viem'

const contracts = createRequire(import.meta.url)('infernode/build/contracts.json')
const vm = await createVM({ common: new Common({ chain: Mainnet, hardfork: Hardfork.Cancun }) })
installInfernode(vm.evm, { host: createHost({ wasm: loadModule() }) })
const code = Object.fromEntries(Object.keys(predeploys).map((name) => [name, contracts[name].deployedBytecode]))
for (const [hex, account] of Object.entries(genesisAccounts({ code }))) {
  const address = createAddressFromString(hex)
  await vm.stateManager.putAccount(address, new Account(account.nonce, account.balance))
  await vm.stateManager.putCode(address, hexToBytes(account.code))
  for (const [slot, value] of Object.entries(account.storage)) await vm.stateManager.putStorage(address, hexToBytes(slot), hexToBytes(value))
}
const call = async (to, abi, functionName, args) => {
  const { execResult } = await vm.evm.runCall({
    to: createAddressFromString(to),
    data: hexToBytes(encodeFunctionData({ abi, functionName, args })),
    gasLimit: 100_000_000n,
  })
  if (execResult.exceptionError) throw new Error(functionName + ': ' + execResult.exceptionError.error + ' ' + bytesToHex(execResult.returnValue))
  const result = execResult.returnValue.length === 0 ? undefined : decodeFunctionResult({ abi, functionName, data: bytesToHex(execResult.returnValue) })
  return { result, gasUsed: execResult.executionGasUsed }
}
const { bytes, id } = importTflite(readFileSync('digits.tflite'), { rounding: 'double' })
const registry = contracts.ModelRegistry.abi
const chunks = []
for (let offset = 0; offset < bytes.length; offset += maxChunkBytes)
  chunks.push((await call(addresses.modelRegistry, registry, 'upload', [bytesToHex(bytes.subarray(offset, offset + maxChunkBytes))])).result)
await call(addresses.modelRegistry, registry, 'publish', [id, chunks, 'digits'])
const input = readFileSync('in0.bin').subarray(0, 784)
const { result, gasUsed } = await call(addresses.inference, inferenceAbi, 'run', [id, bytesToHex(input)])
console.log(JSON.stringify({ output: result, gas: String(gasUsed) }))
`

const npm = (args: string[], cwd: string) =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })

before(() => {
  project = mkdtempSync(join(tmpdir(), 'infernode-packed-'))
})

after(() => rmSync(project, { recursive: true, force: true }))

test('the packed tarball, installed in an empty project, runs an inference in a stock VM', () => {
  const listing = npm(['pack', '--json', '--pack-destination', project], root)
  // What the build prints may come before the listing.
  const [{ filename }] = JSON.parse(listing.slice(listing.lastIndexOf('\n[') + 1))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', version: '1.0.0', private: true, type: 'module' }))
  const peers = ['@ethereumjs/common', '@ethereumjs/util', '@ethereumjs/vm', 'viem'].map((name) => `${name}@${dependencies[name]}`)
  // Native add-ons are the node's: a project that embeds the precompiles needs none.
  npm(['install', '--prefer-offline', '--ignore-scripts', `./${filename}`, ...peers], project)
  for (const file of ['digits.tflite', 'expected/in0.bin'])
    copyFileSync(join(root, 'examples/digits', file), join(project, file.split('/').at(-1)!))
  writeFileSync(join(project, 'main.js'), program)
  const printed = execFileSync(process.execPath, ['main.js'], { cwd: project, encoding: 'utf8' })
  const { output, gas } = JSON.parse(printed)
  const expected = readFileSync(join(root, 'examples/digits/expected/out0.double.bin')).subarray(0, 10)
  assert.equal(output, `0x${expected.toString('hex')}`)
  assert.ok(BigInt(gas) > 0n)
})
