/**
 * The Solidity ABI, as strict as solc's ABI coder v2: dirty high bits, booleans other than 0 and 1, offsets and lengths that point outside are
 * malformed; bytes after the last argument and the bytes that pad an argument are not looked at. `bytes` are views of the data, not copies.
 *
 * In TypeScript: uintN and intN up to 48 bits are numbers, wider ones bigint; address is lower-case hex; bytesN hex; bytes Uint8Array; structs are objects.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import type { AbiParameter } from 'abitype'

export type Hex = `0x${string}`

export type AbiValue = number | bigint | boolean | string | Uint8Array | readonly AbiValue[] | { readonly [name: string]: AbiValue }

/** The TypeScript type of a parameter. */
export type ValueOf<P> = P extends { type: `${infer Element}[${string}]` }
  ? ValueOf<Omit<P, 'type'> & { type: Element }>[]
  : P extends { type: 'tuple'; components: infer Components extends readonly AbiParameter[] }
    ? { [Name in Components[number]['name'] & string]: ValueOf<Extract<Components[number], { name: Name }>> }
    : P extends { type: infer Type }
      ? Type extends 'bool'
        ? boolean
        : Type extends 'string'
          ? string
          : Type extends 'bytes'
            ? Uint8Array
            : Type extends 'address' | `bytes${number}`
              ? Hex
              : Type extends NarrowInteger
                ? number
                : Type extends `uint${string}` | `int${string}`
                  ? bigint
                  : never
      : never

type NarrowInteger = `${'uint' | 'int'}${8 | 16 | 24 | 32 | 40 | 48}`

export type ValuesOf<Ps extends readonly unknown[]> = { -readonly [Index in keyof Ps]: ValueOf<Ps[Index]> }

/** Calldata that is no encoding of the parameters. */
export class MalformedAbi extends Error {
  override readonly name = 'MalformedAbi'
}

const wordBytes = 32

/** Canonical type, as in a signature: structs written out as tuples. */
export function canonicalType(parameter: AbiParameter): string {
  if (!('components' in parameter)) return parameter.type
  return `(${parameter.components.map(canonicalType).join(',')})${parameter.type.slice('tuple'.length)}`
}

/** First four bytes of the signature's keccak256, as hex. */
export function selectorOf(name: string, inputs: readonly AbiParameter[]): Hex {
  return bytesToHex(keccak_256(new TextEncoder().encode(`${name}(${inputs.map(canonicalType).join(',')})`)).subarray(0, 4))
}

/** @throws MalformedAbi */
export function decodeParameters(parameters: readonly AbiParameter[], data: Uint8Array): AbiValue[] {
  return decodeSequence(parameters, data, 0)
}

export function encodeParameters(parameters: readonly AbiParameter[], values: readonly AbiValue[]): Uint8Array {
  return encodeSequence(parameters, values)
}

// Decoding

function decodeSequence(parameters: readonly AbiParameter[], data: Uint8Array, base: number): AbiValue[] {
  let head = base
  return parameters.map((parameter) => {
    const at = isDynamic(parameter) ? base + readLength(data, head) : head
    head += headBytes(parameter)
    return decodeValue(parameter, data, at)
  })
}

function decodeValue(parameter: AbiParameter, data: Uint8Array, at: number): AbiValue {
  const array = splitArray(parameter)
  if (array !== undefined) {
    const count = array.length ?? readLength(data, at)
    const start = array.length === undefined ? at + wordBytes : at
    // Before anything of that size is made.
    requireBytes(data, start, count * headBytes(array.element))
    return decodeSequence(Array<AbiParameter>(count).fill(array.element), data, start)
  }
  if (parameter.type === 'tuple') {
    const components = componentsOf(parameter)
    const values = decodeSequence(components, data, at)
    return Object.fromEntries(components.map(({ name }, index) => [name, values[index]!]))
  }
  if (parameter.type === 'bytes' || parameter.type === 'string') {
    const length = readLength(data, at)
    requireBytes(data, at + wordBytes, length)
    const bytes = data.subarray(at + wordBytes, at + wordBytes + length)
    return parameter.type === 'bytes' ? bytes : new TextDecoder().decode(bytes)
  }
  return decodeWord(parameter.type, readWord(data, at))
}

function decodeWord(type: string, word: Uint8Array): AbiValue {
  if (type === 'address') {
    requireZero(word.subarray(0, 12), type)
    return bytesToHex(word.subarray(12))
  }
  if (type === 'bool') {
    const value = wordToBigInt(word)
    if (value > 1n) throw new MalformedAbi(`a bool is ${value}`)
    return value === 1n
  }
  const bits = integerBits(type)
  if (bits !== undefined) {
    const raw = wordToBigInt(word)
    const value = type.startsWith('u') ? BigInt.asUintN(bits, raw) : BigInt.asIntN(bits, raw)
    if (BigInt.asUintN(256, value) !== raw) throw new MalformedAbi(`an ${type} does not fit its type`)
    return bits <= 48 ? Number(value) : value
  }
  const length = fixedBytes(type)
  requireZero(word.subarray(length), type)
  return bytesToHex(word.subarray(0, length))
}

/** An offset or a length. Anything past the data is malformed, so a number is enough. */
function readLength(data: Uint8Array, at: number): number {
  const value = wordToBigInt(readWord(data, at))
  if (value > BigInt(data.length)) throw new MalformedAbi(`an offset or length is ${value}, the data has ${data.length} bytes`)
  return Number(value)
}

function readWord(data: Uint8Array, at: number): Uint8Array {
  requireBytes(data, at, wordBytes)
  return data.subarray(at, at + wordBytes)
}

function requireBytes(data: Uint8Array, at: number, length: number): void {
  if (at + length > data.length) throw new MalformedAbi(`the data ends at ${data.length}, wanted ${length} bytes at ${at}`)
}

function requireZero(bytes: Uint8Array, type: string): void {
  if (bytes.some((byte) => byte !== 0)) throw new MalformedAbi(`the unused bytes of an ${type} are not zero`)
}

// Encoding

function encodeSequence(parameters: readonly AbiParameter[], values: readonly AbiValue[]): Uint8Array {
  const headLength = parameters.reduce((sum, parameter) => sum + headBytes(parameter), 0)
  const heads: Uint8Array[] = []
  const tails: Uint8Array[] = []
  let tailLength = 0
  parameters.forEach((parameter, index) => {
    const encoded = encodeValue(parameter, values[index]!)
    if (!isDynamic(parameter)) {
      heads.push(encoded)
      return
    }
    heads.push(bigIntToWord(BigInt(headLength + tailLength)))
    tails.push(encoded)
    tailLength += encoded.length
  })
  return join([...heads, ...tails], headLength + tailLength)
}

function encodeValue(parameter: AbiParameter, value: AbiValue): Uint8Array {
  const array = splitArray(parameter)
  if (array !== undefined) {
    const items = value as readonly AbiValue[]
    const body = encodeSequence(Array<AbiParameter>(items.length).fill(array.element), items)
    return array.length === undefined ? join([bigIntToWord(BigInt(items.length)), body], wordBytes + body.length) : body
  }
  if (parameter.type === 'tuple') {
    const components = componentsOf(parameter)
    const fields = value as { readonly [name: string]: AbiValue }
    return encodeSequence(
      components,
      components.map(({ name }) => fields[name!]!),
    )
  }
  if (parameter.type === 'bytes' || parameter.type === 'string') {
    const bytes = parameter.type === 'bytes' ? (value as Uint8Array) : new TextEncoder().encode(value as string)
    const encoded = new Uint8Array(wordBytes + Math.ceil(bytes.length / wordBytes) * wordBytes)
    encoded.set(bigIntToWord(BigInt(bytes.length)))
    encoded.set(bytes, wordBytes)
    return encoded
  }
  if (parameter.type === 'address') return bigIntToWord(BigInt(value as string))
  if (parameter.type.startsWith('bytes')) {
    const word = new Uint8Array(wordBytes)
    word.set(hexToBytes(value as string))
    return word
  }
  return bigIntToWord(BigInt(value as number | bigint | boolean))
}

// Types

function isDynamic(parameter: AbiParameter): boolean {
  const array = splitArray(parameter)
  if (array !== undefined) return array.length === undefined || isDynamic(array.element)
  if (parameter.type === 'tuple') return componentsOf(parameter).some(isDynamic)
  return parameter.type === 'bytes' || parameter.type === 'string'
}

function headBytes(parameter: AbiParameter): number {
  if (isDynamic(parameter)) return wordBytes
  const array = splitArray(parameter)
  if (array?.length !== undefined) return array.length * headBytes(array.element)
  if (parameter.type === 'tuple') return componentsOf(parameter).reduce((sum, component) => sum + headBytes(component), 0)
  return wordBytes
}

/** The outermost array of a type, length undefined where it is dynamic. */
function splitArray(parameter: AbiParameter): { element: AbiParameter; length: number | undefined } | undefined {
  const match = /^(.*)\[(\d*)\]$/.exec(parameter.type)
  if (match === null) return undefined
  return { element: { ...parameter, type: match[1]! }, length: match[2] === '' ? undefined : Number(match[2]) }
}

function componentsOf(parameter: AbiParameter): readonly AbiParameter[] {
  return 'components' in parameter ? parameter.components : []
}

function integerBits(type: string): number | undefined {
  const match = /^u?int(\d+)$/.exec(type)
  return match === null ? undefined : Number(match[1])
}

function fixedBytes(type: string): number {
  const match = /^bytes(\d+)$/.exec(type)
  if (match === null) throw new TypeError(`the ABI type ${type} is not supported`)
  return Number(match[1])
}

// Bytes

export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}

export function hexToBytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), 'hex'))
}

export function wordToBigInt(word: Uint8Array): bigint {
  return word.length === 0 ? 0n : BigInt(bytesToHex(word))
}

/** 32 bytes, big-endian, two's complement for negative values. */
export function bigIntToWord(value: bigint): Uint8Array {
  const word = new Uint8Array(wordBytes)
  const view = new DataView(word.buffer)
  for (let at = wordBytes - 8, rest = value; at >= 0; at -= 8, rest >>= 64n) view.setBigUint64(at, rest)
  return word
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
