import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex, hexToBytes } from 'viem'
import { addresses, inferenceAbi } from '../../precompiles/index.ts'
import { importTflite } from '../../runtime/index.ts'
import { createTestChain, testHost } from './chain.ts'

const folder = join(import.meta.dirname, '../../examples/digits')
const inputs = readFileSync(join(folder, 'expected/in0.bin'))
const inputBytes = 28 * 28
const classes = 10

for (const [rounding, file] of [
  ['fp32', 'out0.xnnpack.bin'],
  ['single', 'out0.single.bin'],
  ['double', 'out0.double.bin'],
] as const)
  test(`the digits model gives TFLite's bytes on chain, rounding ${rounding}`, async () => {
    const chain = await createTestChain({ host: testHost() })
    const { bytes } = importTflite(readFileSync(join(folder, 'digits.tflite')), { rounding })
    const id = await chain.publish(bytes)
    const outputs: Uint8Array[] = []
    for (let offset = 0; offset < inputs.length; offset += inputBytes) {
      const args = [id, bytesToHex(inputs.subarray(offset, offset + inputBytes))] as const
      const { output } = await chain.call(addresses.inference, encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args }))
      outputs.push(hexToBytes(decodeFunctionResult({ abi: inferenceAbi, functionName: 'run', data: bytesToHex(output) }) as Hex))
    }
    assert.equal(outputs.length, 32)
    assert.equal(outputs[0]!.length, classes)
    assert.deepEqual(new Uint8Array(Buffer.concat(outputs)), new Uint8Array(readFileSync(join(folder, 'expected', file))))
  })
