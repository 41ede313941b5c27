/** Helpers of the node's tests. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Chain, type ChainDependencies, createChain, type Hex } from '../../node/chain/chain.ts'
import { createChainCommon } from '../../node/chain/common.ts'
import { signRequest } from '../../node/chain/transactions.ts'
import type { CallRequest } from '../../node/chain/types.ts'
import { createWallet } from '../../node/chain/wallet.ts'
import { loadConfig, type NodeConfig } from '../../node/config.ts'

export const config = (flags: Record<string, unknown> = {}): NodeConfig => loadConfig({ env: {}, flags })

/** A chain that is closed when the test ends. */
export async function openChain(t: TestContext, flags: Record<string, unknown> = {}, dependencies: ChainDependencies = {}): Promise<Chain> {
  const chain = await createChain(config(flags), dependencies)
  t.after(() => chain.close())
  return chain
}

/** A directory that is removed when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'infernode-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const wallet = createWallet(config().mnemonic, 10)
const common = createChainCommon(config())

/** A raw transaction of one of the ten accounts, as a wallet would sign it. */
export function signed(sender: Hex, request: CallRequest): Uint8Array {
  return signRequest({ gas: 100_000n, nonce: 0n, ...request }, wallet.privateKey(sender), common).serialize()
}

export const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replace(/^0x|\s/g, ''), 'hex'))

/** Init code that deploys this runtime code (hex, up to 255 bytes). */
export function deploying(runtime: string): Uint8Array {
  const code = bytes(runtime)
  const length = code.length.toString(16).padStart(2, '0')
  return bytes(`60${length}600c60003960${length}6000f3${Buffer.from(code).toString('hex')}`)
}

/** Deploys runtime code and gives its address. */
export async function deploy(chain: Chain, runtime: string): Promise<Hex> {
  await chain.submitAs({ from: chain.accounts[0]!, data: deploying(runtime) })
  return chain.head().receipts[0]!.contractAddress!
}

export const word = (value: bigint): string => value.toString(16).padStart(64, '0')

/** Small contracts, as EVM assembly in hex. */
export const contracts = {
  /** Returns 42. */
  answer: '602a60005260206000f3',
  /** Stores calldata word 1 at slot calldata word 0 and logs it with one topic, the slot. */
  store: '6020356000355560203560005260003560206000a100',
  /** Reverts with `Error("no")`. */
  refuse: `7f08c379a0${'0'.repeat(56)}6000527f${word(0x20n)}6004527f${word(2n)}6024527f6e6f${'0'.repeat(60)}60445260646000fd`,
  /** Consumes all gas. */
  invalid: 'fe',
  /** Returns NUMBER, TIMESTAMP, GASPRICE, CALLER and BLOCKHASH(NUMBER - 1), a word each. */
  context: '43600052426020523a6040523360605260014303406080526 0a06000f3'.replaceAll(' ', ''),
  /** Calls the address in calldata with 1 byte of input and all gas; reverts when that fails. */
  relay: '60206000600160006000600035 5af160001460 1a57 60206000f35b60006000fd'.replaceAll(' ', ''),
}
