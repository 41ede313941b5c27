/** What `infernode node` tells people: the banner at start, as Anvil prints it, and a line for each block and transaction. */
import { bytesToHex, toChecksumAddress } from '@ethereumjs/util'
import type { Hex, StoredBlock, StoredReceipt } from '../chain/types.ts'
import type { Colors } from './io.ts'

export interface BannerFacts {
  readonly version: string
  readonly accounts: readonly { readonly address: Hex; readonly privateKey: Uint8Array; readonly balance: bigint }[]
  readonly mnemonic: string
  readonly chainId: number
  readonly hardfork: string
  /** Wei per gas. */
  readonly baseFee: bigint
  readonly gasLimit: bigint
  /** Seconds between blocks; 0 where each transaction is mined at once. */
  readonly blockTime: number
  readonly isMining: boolean
  readonly dataDir: string | undefined
  readonly head: bigint
  readonly host: string
  readonly port: number
  /** URL of the gateway to the node's blocks of IPFS. */
  readonly gateway: string | undefined
  /** Multiaddresses of its libp2p peer. */
  readonly peerAddresses: readonly string[]
  /** URL of the node whose blocks are taken over. */
  readonly follow: string | undefined
}

const WEI_DECIMALS = 18

/** Wei as ether with all its decimals, trailing zeros left out. */
export function ether(wei: bigint): string {
  const digits = wei.toString().padStart(WEI_DECIMALS + 1, '0')
  const fraction = digits.slice(-WEI_DECIMALS).replace(/0+$/, '')
  return digits.slice(0, -WEI_DECIMALS) + (fraction === '' ? '' : `.${fraction}`)
}

export function banner(facts: BannerFacts, { bold, dim, green, yellow }: Colors): string {
  const section = (title: string, lines: readonly string[]) => [bold(title), '==================', '', ...lines, '']
  const mining =
    facts.follow !== undefined
      ? `none, follows ${facts.follow}`
      : !facts.isMining
        ? 'on request only'
        : facts.blockTime > 0
          ? `a block every ${facts.blockTime} s`
          : 'a block for each transaction'
  return [
    '',
    `${bold('infernode')} ${facts.version}`,
    '',
    ...section(
      'Available Accounts',
      facts.accounts.map(({ address, balance }, i) => `(${i}) ${toChecksumAddress(address)} (${ether(balance)} ETH)`),
    ),
    ...section(
      'Private Keys',
      facts.accounts.map(({ privateKey }, i) => `(${i}) ${bytesToHex(privateKey)}`),
    ),
    ...section('Wallet', [`Mnemonic:          ${facts.mnemonic}`, `Derivation path:   m/44'/60'/0'/0/`]),
    yellow('For development only: whoever reads this has the keys.'),
    '',
    ...section('Chain', [
      `Chain ID:          ${facts.chainId}`,
      `Hardfork:          ${facts.hardfork}`,
      `Base Fee:          ${facts.baseFee}`,
      `Gas Limit:         ${facts.gasLimit}`,
      `Mining:            ${mining}`,
      `Data:              ${facts.dataDir ?? 'in memory'}`,
      `Latest Block:      ${facts.head}`,
    ]),
    `${green('Listening on')} ${urlHost(facts.host)}:${facts.port} ${dim('(JSON-RPC over HTTP and WebSocket)')}`,
    ...facts.peerAddresses.map((address) => `${green('IPFS peer on')} ${address}`),
    ...(facts.gateway === undefined ? [] : [`${green('IPFS gateway on')} ${facts.gateway} ${dim('(trustless: CAR and raw blocks)')}`]),
  ].join('\n')
}

const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** One line for the block, then one for each transaction. */
export function blockLines(stored: StoredBlock, colors: Colors): string[] {
  const { block, hash, receipts } = stored
  const count = receipts.length === 1 ? '1 transaction' : `${receipts.length} transactions`
  const headline = `block ${colors.bold(String(block.header.number))}  ${count}  ${thousands(block.header.gasUsed)} gas  ${colors.dim(hash)}`
  return [headline, ...receipts.map((receipt) => transactionLine(receipt, colors))]
}

function transactionLine(receipt: StoredReceipt, { dim, green, red }: Colors): string {
  const { from, to, contractAddress, logs } = receipt
  const outcome = receipt.status === 1 ? green('ok') : red('failed')
  const target = to ?? (contractAddress ? `creates ${contractAddress}` : 'creates a contract')
  const events = logs.length === 0 ? '' : `  ${logs.length === 1 ? '1 event' : `${logs.length} events`}`
  return `  ${outcome}  ${short(from)} → ${to ? short(to) : target}  ${thousands(receipt.gasUsed)} gas${events}  ${dim(receipt.transactionHash)}`
}

const short = (address: Hex): string => {
  const checksummed = toChecksumAddress(address)
  return `${checksummed.slice(0, 8)}…${checksummed.slice(-6)}`
}

/** 1234567 → 1,234,567. */
export const thousands = (value: bigint): string => value.toString().replace(/\B(?=(\d{3})+$)/g, ',')
