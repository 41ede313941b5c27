import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseAbiParameters } from 'abitype'
import { type AbiParameter, decodeAbiParameters, encodeAbiParameters, toFunctionSelector } from 'viem'
import {
  type AbiValue,
  bytesToHex,
  decodeParameters,
  encodeParameters,
  hexToBytes,
  MalformedAbi,
  selectorOf,
} from '../../precompiles/abi.ts'
import { inferenceAbi, tensorAbi } from '../../precompiles/index.ts'

const word = (value: bigint) => BigInt.asUintN(256, value).toString(16).padStart(64, '0')
const decode = (types: string, hex: string) =>
  decodeParameters(parseAbiParameters(types) as readonly AbiParameter[], hexToBytes(`0x${hex}`))

/** Types with values as viem takes them, and as this decoder gives them. */
const samples: { types: string; viem: unknown[]; own: AbiValue[] }[] = [
  { types: 'uint8, int8, uint48, int32', viem: [200, -5, 2 ** 47, -70000], own: [200, -5, 2 ** 47, -70000] },
  { types: 'uint256, int256, bool', viem: [2n ** 256n - 1n, -(2n ** 255n), true], own: [2n ** 256n - 1n, -(2n ** 255n), true] },
  { types: 'bytes32, bytes4', viem: [`0x${'ab'.repeat(32)}`, '0x12345678'], own: [`0x${'ab'.repeat(32)}`, '0x12345678'] },
  { types: 'address', viem: [`0x${'11'.repeat(20)}`], own: [`0x${'11'.repeat(20)}`] },
  { types: 'bytes, string', viem: ['0x010203', 'häll'], own: [Uint8Array.of(1, 2, 3), 'häll'] },
  { types: 'uint32[4], uint32[]', viem: [[1, 2, 3, 4], [5]], own: [[1, 2, 3, 4], [5]] },
  { types: 'bytes[], uint8[2][]', viem: [['0x01', '0x'], [[1, 2]]], own: [[Uint8Array.of(1), new Uint8Array()], [[1, 2]]] },
  {
    types: '(bytes data, (uint8 a, int8[] b) inner) s, uint8 last',
    viem: [{ data: '0xff', inner: { a: 3, b: [-1, 2] } }, 9],
    own: [{ data: Uint8Array.of(255), inner: { a: 3, b: [-1, 2] } }, 9],
  },
]

describe('values survive', () => {
  for (const { types, viem, own } of samples)
    test(types, () => {
      const parameters = parseAbiParameters(types) as readonly AbiParameter[]
      const data = encodeAbiParameters(parameters, viem)
      assert.deepEqual(decodeParameters(parameters, hexToBytes(data)), own)
      assert.equal(bytesToHex(encodeParameters(parameters, own)), data)
      assert.deepEqual(decodeAbiParameters(parameters, bytesToHex(encodeParameters(parameters, own))), viem)
    })
})

test('selectors are those of Solidity', () => {
  for (const item of [...inferenceAbi, ...tensorAbi])
    if (item.type === 'function') assert.equal(selectorOf(item.name, item.inputs), toFunctionSelector(item))
})

describe('malformed data is refused', () => {
  const bad: [string, string, string][] = [
    ['a word that ends early', 'uint256', word(1n).slice(2)],
    ['nothing', 'uint256', ''],
    ['a uint8 of 256', 'uint8', word(256n)],
    ['an int8 of 128', 'int8', word(128n)],
    ['an int8 without its sign', 'int8', `${'0'.repeat(62)}ff`],
    ['a bool of 2', 'bool', word(2n)],
    ['an address with high bits', 'address', word(2n ** 160n)],
    ['a bytes4 with low bits', 'bytes4', word(1n)],
    ['an offset outside', 'bytes', word(64n) + word(0n)],
    ['an offset past 2^64', 'bytes', word(2n ** 64n) + word(0n)],
    ['a length outside', 'bytes', word(32n) + word(33n) + word(0n)],
    ['an array longer than the data', 'uint8[]', word(32n) + word(2n) + word(0n)],
    ['an array of 2^255', 'uint8[]', word(32n) + word(2n ** 255n)],
    ['a nested offset outside', 'bytes[]', word(32n) + word(1n) + word(96n)],
  ]
  for (const [name, types, data] of bad) test(name, () => assert.throws(() => decode(types, data), MalformedAbi))
})

test('bytes that follow the arguments, and padding, are not looked at', () => {
  assert.deepEqual(decode('uint8', word(1n) + word(7n)), [1])
  assert.deepEqual(decode('bytes', `${word(32n)}${word(1n)}aabbcc`), [Uint8Array.of(0xaa)])
})
