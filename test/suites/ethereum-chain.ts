/**
 * A chain of Ethereum through all its hardforks, three blocks each, made by the library's own VM over its own state and tries: what the
 * node imports is compared with it. Blocks before the merge have difficulty, rewards and an uncle; later ones withdrawals, blobs, requests.
 */

import { type Block, createBlock, createBlockHeader } from '@ethereumjs/block'
import { type Common, createCommonFromGethGenesis, parseGethGenesisState } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { createTx, type TxData, type TypedTransaction } from '@ethereumjs/tx'
import {
  concatBytes,
  createAddressFromPrivateKey,
  eoaCode7702SignAuthorization,
  hexToBytes,
  type PrefixedHexString,
} from '@ethereumjs/util'
import { createVM, type RunBlockResult, runBlock } from '@ethereumjs/vm'
import { kzg } from '../../node/chain/kzg.ts'

export type Hex = `0x${string}`

const FORK_BLOCKS = 3
const SECONDS_PER_BLOCK = 10
const blockForks = [
  'eip150Block',
  'eip155Block',
  'byzantiumBlock',
  'constantinopleBlock',
  'petersburgBlock',
  'istanbulBlock',
  'muirGlacierBlock',
  'berlinBlock',
  'londonBlock',
  'arrowGlacierBlock',
  'grayGlacierBlock',
  'mergeNetsplitBlock',
] as const
const timeForks = ['shanghaiTime', 'cancunTime', 'pragueTime', 'osakaTime', 'bpo1Time', 'bpo2Time'] as const

const blockOf = (fork: string): number => FORK_BLOCKS * (1 + [...blockForks, ...timeForks].indexOf(fork as never))
export const firstBlock = (fork: (typeof blockForks)[number] | (typeof timeForks)[number]): number => blockOf(fork)
export const LAST_BLOCK = blockOf('bpo2Time') + FORK_BLOCKS

export const keys = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte))
export const addresses = keys.map((key) => createAddressFromPrivateKey(key).toString() as Hex)
/** Logs its calldata under its first word as topic, and counts its calls in slot 0. */
export const LOGGER: Hex = '0x00000000000000000000000000000000000000aa'
/** Logs its calldata as a deposit. */
export const DEPOSITS: Hex = '0x00000000000000000000000000000000000000dd'
/** Reverts with `Error("no")`. */
export const REFUSER: Hex = '0x00000000000000000000000000000000000000ee'
const ONE_WORD = '00'.repeat(31)
const DEPOSIT_TOPIC = '649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5'
/** For the system contracts any code does: those of ancestors are written without running, those of requests answer with their requests. */
const answering = (bytes: number, value: string): Hex => `0x60${value}600052${`60${bytes.toString(16).padStart(2, '0')}`}6000f3`

export const genesis = {
  config: {
    chainId: 3_141_592,
    homesteadBlock: 0,
    ...Object.fromEntries(blockForks.map((fork) => [fork, blockOf(fork)])),
    eip158Block: blockOf('eip155Block'),
    ...Object.fromEntries(timeForks.map((fork) => [fork, blockOf(fork) * SECONDS_PER_BLOCK])),
    terminalTotalDifficulty: 0x20000 * blockOf('mergeNetsplitBlock'),
    depositContractAddress: DEPOSITS,
    ethash: {},
    blobSchedule: {
      cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3338477 },
      prague: { target: 6, max: 9, baseFeeUpdateFraction: 5007716 },
      osaka: { target: 6, max: 9, baseFeeUpdateFraction: 5007716 },
      bpo1: { target: 10, max: 15, baseFeeUpdateFraction: 8346193 },
      bpo2: { target: 14, max: 21, baseFeeUpdateFraction: 11684671 },
    },
  },
  nonce: '0x0',
  timestamp: '0x0',
  extraData: '0x696e6665726e6f6465',
  gasLimit: '0x5f5e100',
  difficulty: '0x20000',
  mixHash: `0x${'00'.repeat(32)}`,
  coinbase: `0x${'00'.repeat(20)}`,
  alloc: {
    ...Object.fromEntries(addresses.map((address) => [address.slice(2), { balance: '0x3635c9adc5dea00000' }])),
    [LOGGER.slice(2)]: { balance: '0x0', code: '0x36600060003760005436600060005560016000540160005560005136600 0a100'.replaceAll(' ', '') },
    [DEPOSITS.slice(2)]: { balance: '0x0', code: `0x3660006000377f${DEPOSIT_TOPIC}366000a100` },
    [REFUSER.slice(2)]: {
      balance: '0x0',
      code: `0x7f08c379a0${'0'.repeat(56)}6000527f${ONE_WORD}206004527f${ONE_WORD}026024527f6e6f${'0'.repeat(60)}60445260646000fd`,
    },
    '00000961ef480eb55e80d19ad83579a64c007002': { balance: '0x1', code: answering(0x4c, '07') },
    '0000bbddc7ce488642fb579f8b00f3a590007251': { balance: '0x1', code: answering(0x74, '09') },
    '0000f90827f1c53a10cb7a02335b175320002935': { balance: '0x1', code: '0x00' },
    '000f3df6d732807ef1319fb7b8bb8522d0beac02': { balance: '0x1', code: '0x00' },
  },
  number: '0x0',
  gasUsed: '0x0',
  parentHash: `0x${'00'.repeat(32)}`,
  baseFeePerGas: null,
  excessBlobGas: null,
  blobGasUsed: null,
}

export interface MadeBlock {
  block: Block
  result: RunBlockResult
}

/** The blocks from 1 on, with what the library says of their execution. */
export async function makeEthereumChain(): Promise<MadeBlock[]> {
  // The library knows the blobs of these forks by itself, and gives up on a schedule that names them.
  const { bpo1, bpo2, ...blobSchedule } = genesis.config.blobSchedule
  const common = createCommonFromGethGenesis({ ...genesis, config: { ...genesis.config, blobSchedule } } as never, {
    chain: 'made',
    customCrypto: { kzg },
  })
  const state = new MerkleStateManager({ common })
  const hashes = new Map<bigint, Uint8Array>()
  const blockchain = {
    getBlock: async (number: number) => ({ hash: () => hashes.get(BigInt(number)) ?? new Uint8Array(32) }),
    putBlock: async () => {},
    shallowCopy: () => blockchain,
  }
  common.setHardforkBy({ blockNumber: 0n, timestamp: 0n })
  const vm = await createVM({ common, stateManager: state, blockchain: blockchain as never })
  await (state as unknown as { generateCanonicalGenesis(accounts: unknown): Promise<void> }).generateCanonicalGenesis(
    parseGethGenesisState(genesis as never),
  )
  const { extraData, gasLimit, difficulty } = genesis
  let parent = createBlock(
    {
      header: {
        extraData: extraData as Hex,
        gasLimit: gasLimit as Hex,
        difficulty: difficulty as Hex,
        stateRoot: await state.getStateRoot(),
      },
    },
    { common },
  )
  hashes.set(0n, parent.hash())
  const nonces = keys.map(() => 0n)
  const made: MadeBlock[] = []
  for (let number = 1; number <= LAST_BLOCK; number++) {
    const timestamp = BigInt(number * SECONDS_PER_BLOCK)
    common.setHardforkBy({ blockNumber: BigInt(number), timestamp })
    const isPow = common.consensusType() === 'pow'
    const own = common.copy()
    const opts = { common: own, ...(isPow ? { calcDifficultyFromHeader: parent.header } : {}) }
    const transactions = transactionsOf(number, own, nonces)
    const uncleHeaders =
      number === FORK_BLOCKS + 2
        ? [createBlockHeader({ ...parent.header, coinbase: addresses[2]!, extraData: '0x75' }, { common: parent.header.common })]
        : []
    const baseFee = own.isActivatedEIP(1559)
      ? { baseFeePerGas: parent.header.baseFeePerGas === undefined ? own.param('initialBaseFee') : parent.header.calcNextBaseFee() }
      : {}
    const draft = createBlock(
      {
        header: {
          parentHash: parent.hash(),
          number,
          timestamp,
          gasLimit: parent.header.gasLimit,
          coinbase: addresses[1]!,
          ...baseFee,
          ...(own.isActivatedEIP(4844)
            ? { excessBlobGas: parent.header.calcNextExcessBlobGas(own), blobGasUsed: BigInt(131_072 * blobCount(transactions)) }
            : {}),
          ...(own.isActivatedEIP(4788) ? { parentBeaconBlockRoot: new Uint8Array(32).fill(number) } : {}),
          ...(isPow ? { nonce: new Uint8Array(8).fill(number) } : {}),
          mixHash: new Uint8Array(32).fill(number),
        },
        transactions: transactions as never,
        uncleHeaders: uncleHeaders as never,
        ...(own.isActivatedEIP(4895) ? { withdrawals: [{ index: number, validatorIndex: 5, address: addresses[2]!, amount: 3 }] } : {}),
      },
      opts,
    )
    const block = await completed(draft, opts)
    let executed: Block | undefined
    vm.events.once('afterBlock', ({ block }) => {
      executed = block
    })
    const result = await runBlock(vm, { block, generate: true, skipBlockValidation: true })
    // The library leaves the difficulty of the block that it generates to its parent's.
    parent = createBlock({ ...executed!, header: { ...executed!.header, difficulty: block.header.difficulty } } as never, { common: own })
    hashes.set(BigInt(number), parent.hash())
    made.push({ block: parent, result })
  }
  return made
}

export const chainFile = (blocks: readonly MadeBlock[]): Uint8Array => concatBytes(...blocks.map(({ block }) => block.serialize()))

const blobCount = (transactions: readonly TypedTransaction[]): number =>
  transactions.reduce((sum, tx) => sum + ('blobVersionedHashes' in tx ? tx.blobVersionedHashes.length : 0), 0)

/** With the roots of what it holds: the library generates those of its outcome alone. */
async function completed(draft: Block, opts: object): Promise<Block> {
  const { genWithdrawalsTrieRoot } = await import('@ethereumjs/block')
  const { RLP } = await import('@ethereumjs/rlp')
  const { keccak_256 } = await import('@noble/hashes/sha3.js')
  const header = {
    ...draft.header,
    ...(draft.withdrawals === undefined ? {} : { withdrawalsRoot: await genWithdrawalsTrieRoot(draft.withdrawals) }),
    ...(draft.uncleHeaders.length === 0 ? {} : { uncleHash: keccak_256(RLP.encode(draft.uncleHeaders.map((uncle) => uncle.raw()))) }),
  }
  return createBlock({ ...draft, header } as never, opts as never)
}

/** A transfer, a call that logs, one that reverts, a creation: and of each type that the fork has. */
function transactionsOf(number: number, common: Common, nonces: bigint[]): TypedTransaction[] {
  const price = 2_000_000_000n
  const signed = (sender: number, data: Record<string, unknown>): TypedTransaction => {
    const tx = createTx({ gasLimit: 200_000, ...data, nonce: nonces[sender]! } as TxData[0], { common })
    nonces[sender] = nonces[sender]! + 1n
    return tx.sign(keys[sender]!) as TypedTransaction
  }
  const legacy = { gasPrice: price }
  const word = (value: number) => value.toString(16).padStart(64, '0')
  const transactions = [
    signed(0, { ...legacy, gasLimit: 21_000, to: addresses[2], value: 1000n + BigInt(number) }),
    signed(0, { ...legacy, to: LOGGER, data: `0x${word(number)}${word(2)}` }),
    signed(1, { ...legacy, to: REFUSER }),
    // Deploys code of one byte.
    signed(1, { ...legacy, data: '0x600160005360016000f3' }),
  ]
  const accessList = [{ address: LOGGER, storageKeys: [`0x${word(0)}`] }]
  if (common.isActivatedEIP(2930)) transactions.push(signed(0, { ...legacy, type: 1, to: LOGGER, data: `0x${word(number)}`, accessList }))
  const fees = { maxFeePerGas: price, maxPriorityFeePerGas: 3n }
  if (common.isActivatedEIP(1559)) transactions.push(signed(1, { ...fees, type: 2, to: LOGGER, data: `0x${word(7)}`, accessList }))
  if (common.isActivatedEIP(4844)) {
    const blobVersionedHashes = [`0x01${word(number).slice(2)}`, `0x01${word(1).slice(2)}`]
    transactions.push(signed(0, { ...fees, type: 3, to: LOGGER, maxFeePerBlobGas: 1_000_000_000n, blobVersionedHashes }))
  }
  if (common.isActivatedEIP(7702)) {
    const authorization = eoaCode7702SignAuthorization(
      [
        hexToBytes(`0x${common.chainId().toString(16).padStart(8, '0')}`.replace(/^0x(00)+/, '0x') as PrefixedHexString),
        hexToBytes(LOGGER),
        nonces[2] === 0n ? new Uint8Array(0) : new Uint8Array([Number(nonces[2])]),
      ],
      keys[2]!,
    )
    nonces[2] = nonces[2]! + 1n
    transactions.push(signed(1, { ...fees, type: 4, to: addresses[2], data: `0x${word(9)}`, authorizationList: [authorization] }))
    transactions.push(signed(0, { ...legacy, to: DEPOSITS, data: depositData(number) }))
  }
  return transactions
}

/** The ABI encoding of a DepositEvent. */
function depositData(number: number): Hex {
  const word = (value: number) => value.toString(16).padStart(64, '0')
  const field = (bytes: number) =>
    word(bytes) +
    number
      .toString(16)
      .padStart(2, '0')
      .repeat(bytes)
      .padEnd(Math.ceil(bytes / 32) * 64, '0')
  return `0x${[160, 256, 320, 384, 512].map(word).join('')}${[48, 32, 8, 96, 8].map(field).join('')}`
}
