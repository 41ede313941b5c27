/**
 * npm run bench:solidity   what a multiply-add, or an element, costs in gas by the precompile ITensor and in plain Solidity
 *
 * Gas is exact: it follows from the contracts, the module and the prices of a genesis. Writes docs/performance/solidity.md, and prints it.
 * Plain Solidity is contracts/testing/TensorReference.sol, which multiplies ten bytes at a time, and for matmul contracts/bench/SolidityMatmul.sol, which goes one by one.
 */
import { writeFileSync } from 'node:fs'
import { createPublicClient, createWalletClient, encodeFunctionData, type Hex, http } from 'viem'
import { loadConfig } from '../node/config.ts'
import { loadContract } from '../node/contracts.ts'
import { startNode } from '../node/node.ts'
import { addresses, tensorAbi } from '../precompiles/index.ts'

interface Work {
  name: string
  unit: 'multiply-add' | 'element'
  units: number
  callData: Hex
  /** Of SolidityMatmul, where that has the operator. */
  plainCallData?: Hex
}

const byteOf = (index: number) => 1 + ((index * 37) % 255)
const hex = (length: number): Hex => `0x${Buffer.from(Uint8Array.from({ length }, (_, index) => byteOf(index))).toString('hex')}`
const operand = (length: number) => ({ data: hex(length), chunks: [], offset: 0n, length: 0n })
const none = operand(0)
const toByte = { rounding: 2, xZero: 3, wZero: 0, yZero: -5, yMin: -128, yMax: 127, multipliers: [2 ** 30], shifts: [-9] }
const exact = { rounding: 2, xZero: 3, wZero: 0, yZero: 0, yMin: 0, yMax: 0, multipliers: [], shifts: [] }
const window = { strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padTop: 1, padBottom: 1, padLeft: 1, padRight: 1 }
const factor = { value: 2 ** 30, shift: 23 }

function matmul(rows: number, depth: number, columns: number, isPlainToo: boolean, isExact = false): Work {
  const [a, b] = [hex(rows * depth), hex(columns * depth)]
  const sizes = [rows, depth, columns].map(BigInt)
  const plain = encodeFunctionData({ abi: loadContract('SolidityMatmul').abi, functionName: 'matmul', args: [a, b, ...sizes] })
  return {
    name: `matmul ${rows}×${depth}×${columns}${isExact ? ' to int32' : ''}`,
    unit: 'multiply-add',
    units: rows * depth * columns,
    callData: encodeFunctionData({
      abi: tensorAbi,
      functionName: 'matmul',
      args: [operand(rows * depth), operand(columns * depth), none, rows, depth, columns, isExact ? exact : toByte],
    }),
    ...(isPlainToo ? { plainCallData: plain } : {}),
  }
}

function works(): Work[] {
  const abi = tensorAbi
  const picture = [1, 16, 16, 16] as const
  return [
    matmul(1, 256, 256, true),
    matmul(32, 32, 32, true),
    matmul(256, 256, 256, false),
    matmul(256, 256, 256, false, true),
    {
      name: 'conv2d 16×16×16, 16 of 3×3',
      unit: 'multiply-add',
      units: 16 ** 4 * 9,
      callData: encodeFunctionData({
        abi,
        functionName: 'conv2d',
        args: [operand(4096), operand(16 * 9 * 16), none, picture, [16, 3, 3, 16], window, toByte],
      }),
    },
    {
      name: 'depthwiseConv2d 16×16×16, 3×3',
      unit: 'multiply-add',
      units: 4096 * 9,
      callData: encodeFunctionData({
        abi,
        functionName: 'depthwiseConv2d',
        args: [operand(4096), operand(9 * 16), none, picture, [1, 3, 3, 16], window, toByte],
      }),
    },
    {
      name: 'relu',
      unit: 'element',
      units: 4096,
      callData: encodeFunctionData({ abi, functionName: 'relu', args: [operand(4096), 0] }),
    },
    {
      name: 'sigmoid',
      unit: 'element',
      units: 4096,
      callData: encodeFunctionData({ abi, functionName: 'sigmoid', args: [operand(4096), 0, factor] }),
    },
    {
      name: 'softmax of 10',
      unit: 'element',
      units: 4000,
      callData: encodeFunctionData({ abi, functionName: 'softmax', args: [operand(4000), 10, factor] }),
    },
    {
      name: 'geluQ16',
      unit: 'element',
      units: 1024,
      callData: encodeFunctionData({ abi, functionName: 'geluQ16', args: [operand(4096)] }),
    },
  ]
}

async function main(): Promise<void> {
  const node = await startNode(loadConfig({ env: {}, flags: { port: 0, logLevel: 'silent', blockGasLimit: 2 ** 31 } }))
  const transport = http(`http://127.0.0.1:${node.server.port}`, { timeout: 600_000, retryCount: 0 })
  const reader = createPublicClient({ transport, pollingInterval: 50 })
  const [account] = await createWalletClient({ transport }).getAddresses()
  const deploy = async (name: string) => {
    const { abi, bytecode } = loadContract(name)
    const hash = await createWalletClient({ transport, account: account! }).deployContract({ abi, bytecode, chain: null })
    return (await reader.waitForTransactionReceipt({ hash })).contractAddress!
  }
  const [reference, plain, probe] = [await deploy('TensorReference'), await deploy('SolidityMatmul'), await deploy('GasProbe')]
  const probeAbi = loadContract('GasProbe').abi
  const gasOf = async (to: Hex, data: Hex) => {
    const call = encodeFunctionData({ abi: probeAbi, functionName: 'gasOf', args: [to, data] })
    const { data: used } = await reader.call({ to: probe, data: call, gas: 2n ** 31n })
    return Number(used)
  }
  const lines: string[] = []
  for (const { name, unit, units, callData, plainCallData } of works()) {
    const [ours, theirs] = [await gasOf(addresses.tensor, callData), await gasOf(reference, callData)]
    const oneByOne = plainCallData === undefined ? undefined : await gasOf(plain, plainCallData)
    const cells = (total: number) => `${total.toLocaleString('en')} | ${(total / units).toPrecision(3)}`
    const ratio = (total: number) => `${Math.round(total / ours).toLocaleString('en')}×`
    lines.push(
      `| ${name} | ${unit} | ${cells(ours)} | ${cells(theirs)} | ${ratio(theirs)} | ${oneByOne === undefined ? ' | | ' : `${cells(oneByOne)} | ${ratio(oneByOne)}`} |`,
    )
    console.log(lines.at(-1))
  }
  await node.close()
  const table = [
    '| work | unit | ITensor | a unit | ten at a time | a unit | | one by one | a unit | |',
    `|${' --- |'.repeat(10)}`,
    ...lines,
  ]
  const text = [
    '# Gas: the precompile beside plain Solidity',
    '',
    'Written by `npm run bench:solidity`. Gas of the call itself, without what a transaction pays for calldata: ITensor, `contracts/testing/TensorReference.sol`, which multiplies ten bytes at a time,',
    'and `contracts/bench/SolidityMatmul.sol`, which goes one by one. ITensor checks and packs its weights anew in each call; an active model does so once. One by one, a multiply-add costs the same in every size.',
    '',
    ...table,
    '',
  ]
  writeFileSync(new URL('../docs/performance/solidity.md', import.meta.url), text.join('\n'))
}

await main()
