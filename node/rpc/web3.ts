/** web3_* and rpc_*: what this node is and what it offers. */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { toHex } from './hex.ts'
import { defineMethod } from './method.ts'
import { bytes } from './params.ts'

export const web3Methods = [
  defineMethod({
    name: 'web3_clientVersion',
    summary: 'Name, version, platform and JavaScript engine of the node.',
    params: {},
    run: ({ clientVersion }) => clientVersion,
  }),
  defineMethod({
    name: 'web3_sha3',
    summary: 'Keccak-256 of the bytes.',
    params: { data: bytes },
    run: (_, { data }) => toHex(keccak_256(data)),
  }),
]

export const rpcMethods = [
  defineMethod({
    name: 'rpc_modules',
    summary: 'The namespaces that this node offers, with their versions.',
    params: {},
    run: ({ modules }) => modules,
  }),
]
