/** eth_sign, personal_sign and eth_signTypedData_v4, for the accounts whose keys the node holds. */
import { hashPersonalMessage } from '@ethereumjs/util'
import { z } from 'zod'
import { toHex } from '../hex.ts'
import { defineMethod } from '../method.ts'
import { address, bytes, optional, text } from '../params.ts'

const field = z.object({ name: z.string(), type: z.string() })

/** EIP-712 data, as an object or as JSON text, which older clients send. */
const typedData = z.preprocess(
  (value) => {
    if (typeof value !== 'string') return value
    try {
      return JSON.parse(value)
    } catch {
      return value
    }
  },
  z.object({
    types: z.record(z.string(), z.array(field)),
    primaryType: z.string(),
    domain: z.record(z.string(), z.unknown()),
    message: z.record(z.string(), z.unknown()),
  }),
)

export const signMethods = [
  defineMethod({
    name: 'eth_sign',
    summary: 'Signature of a message with the prefix of EIP-191.',
    params: { address, message: bytes },
    run: ({ chain }, { address, message }) => toHex(chain.sign(address, hashPersonalMessage(message))),
  }),
  defineMethod({
    name: 'eth_signTypedData_v4',
    summary: 'Signature of typed data (EIP-712).',
    params: { address, typedData },
    run: async ({ chain }, { address, typedData }) => {
      // A third of a second to load, and rarely wanted.
      const { hashTypedData, hexToBytes } = await import('viem/utils')
      return toHex(chain.sign(address, hexToBytes(hashTypedData(typedData))))
    },
  }),
]

export const personalMethods = [
  defineMethod({
    name: 'personal_sign',
    summary: 'Signature of a message with the prefix of EIP-191; no password is asked for.',
    params: { message: bytes, address, password: optional(text) },
    run: ({ chain }, { message, address }) => toHex(chain.sign(address, hashPersonalMessage(message))),
  }),
]
