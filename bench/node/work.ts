/** What the nodes are given to do: signed transactions, a token, loops. The same bytes for all but for the chain id. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import solc from 'solc'
import { encodeFunctionData } from 'viem/utils'
import { createChainCommon } from '../../node/chain/common.ts'
import { signRequest } from '../../node/chain/transactions.ts'
import type { CallRequest, Hex } from '../../node/chain/types.ts'
import { createWallet } from '../../node/chain/wallet.ts'
import { loadConfig } from '../../node/config.ts'
import { mnemonic, type RunningPeer } from './nodes.ts'
import { receiptOf } from './rpc.ts'

/** A node with what the measures need on it. */
export type Workplace = RunningPeer & {
  readonly accounts: readonly Hex[]
  readonly token: Hex
  readonly loops: Readonly<Record<LoopName, Hex>>
  /** The next raw transaction of an account; its nonce counts as used. */
  transfer(sender: number): Hex
  tokenTransfer(sender: number): Hex
  /** Of a request of the caller's own. */
  sign(sender: number, request: CallRequest): Hex
}

export type LoopName = keyof typeof loopCode
const GWEI = 10n ** 9n
/** Above every node's base fee, also after full blocks. */
const maxFeePerGas = 500n * GWEI
const RECIPIENTS = 1000n

const repeated = (code: string, times: number): string => Array(times).fill(code).join('')
const SQUARE_ADD_XOR = '800260070161ffff18'
const HASH_WORD = '60206000206000526000'
const MOVE_WORDS = '60005160205260205160005260006000'

/** Runtime code that runs until its gas is used up: PUSH1 1, then a body between JUMPDEST at 2 and PUSH1 2, JUMP. */
const loopCode = {
  arithmetic: `60015b${repeated(SQUARE_ADD_XOR, 16)}600256`,
  keccak: `60015b${repeated(`${HASH_WORD}50`, 8)}600256`,
  memory: `60015b${repeated(`${MOVE_WORDS}5050`, 8)}600256`,
  calls: `60015b${repeated('6000600060006000600060aa61fffff150', 4)}600256`,
} as const

export async function furnish(peer: RunningPeer): Promise<Workplace> {
  const { rpc } = peer
  const chainId = Number(await rpc.call('eth_chainId'))
  const common = createChainCommon(loadConfig({ env: {}, flags: { chainId } }))
  const wallet = createWallet(mnemonic, 10)
  const accounts = wallet.addresses
  const nonces = (
    await rpc.batch(
      'eth_getTransactionCount',
      accounts.map((address) => [address, 'latest']),
    )
  ).map((count) => BigInt(count as string))
  let recipient = 0n
  const sign = (sender: number, request: CallRequest): Hex => {
    const nonce = nonces[sender]!++
    const full = { maxFeePerGas, maxPriorityFeePerGas: GWEI, gas: 100_000n, ...request, nonce }
    return `0x${Buffer.from(signRequest(full, wallet.privateKey(accounts[sender]!), common).serialize()).toString('hex')}`
  }
  const nextRecipient = (): Hex => `0x${'5'.repeat(36)}${(recipient++ % RECIPIENTS).toString(16).padStart(4, '0')}`

  const deploy = async (code: string): Promise<Hex> => {
    const hash = await rpc.call('eth_sendRawTransaction', sign(0, { data: Buffer.from(code, 'hex'), gas: 3_000_000n }))
    return (await receiptOf<{ contractAddress: Hex }>(rpc, hash)).contractAddress
  }
  const loops = {} as Record<LoopName, Hex>
  for (const name of Object.keys(loopCode) as LoopName[]) loops[name] = await deploy(initCode(loopCode[name]))
  const token = await deploy(tokenCode() + accounts.map((address) => address.slice(2).padStart(64, '0')).join(''))
  return {
    ...peer,
    accounts,
    token,
    loops,
    sign,
    transfer: (sender) => sign(sender, { to: nextRecipient(), value: 1n, gas: 21_000n }),
    tokenTransfer: (sender) => sign(sender, { to: token, data: tokenCall('transfer', [nextRecipient(), 1n]) }),
  }
}

/** Init code that deploys this runtime code: PUSH2 length, DUP1, PUSH1 12, PUSH1 0, CODECOPY, PUSH1 0, RETURN. */
function initCode(runtime: string): string {
  const length = (runtime.length / 2).toString(16).padStart(4, '0')
  return `61${length}80600c6000396000f3${runtime}`
}

const tokenAbi = [
  {
    type: 'function',
    name: 'transfer',
    stateMutability: 'nonpayable',
    inputs: [{ type: 'address' }, { type: 'uint256' }],
    outputs: [{ type: 'bool' }],
  },
  { type: 'function', name: 'balanceOf', stateMutability: 'view', inputs: [{ type: 'address' }], outputs: [{ type: 'uint256' }] },
] as const

export const tokenCall = (functionName: 'transfer' | 'balanceOf', args: readonly unknown[]): Uint8Array =>
  Buffer.from(encodeFunctionData({ abi: tokenAbi, functionName, args } as never).slice(2), 'hex')

let compiledToken: string | undefined

/** OpenZeppelin's ERC-20, minted to ten holders who follow the code as constructor arguments. */
function tokenCode(): string {
  if (compiledToken !== undefined) return compiledToken
  const source = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;
import "@openzeppelin/contracts/token/ERC20/ERC20.sol";
contract BenchToken is ERC20("Bench", "BENCH") {
    constructor(address[10] memory holders) {
        for (uint256 i = 0; i < 10; i++) _mint(holders[i], 1e30);
    }
}`
  const input = {
    language: 'Solidity',
    sources: { 'BenchToken.sol': { content: source } },
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'shanghai',
      outputSelection: { '*': { '*': ['evm.bytecode.object'] } },
    },
  }
  const packages = createRequire(import.meta.url)
  const load = (path: string) => ({ contents: readFileSync(packages.resolve(path), 'utf8') })
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: load }))
  const fatal = output.errors?.find(({ severity }: { severity: string }) => severity === 'error')
  if (fatal !== undefined) throw new Error(fatal.formattedMessage)
  compiledToken = output.contracts['BenchToken.sol'].BenchToken.evm.bytecode.object as string
  return compiledToken
}
