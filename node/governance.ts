/**
 * The accounts of a chain's governance: votes, timelock and governor as their constructors leave them, run at their genesis addresses in an EVM of their own. The result
 * follows from the configuration alone.
 */

import { createBlock } from '@ethereumjs/block'
import { createEVM } from '@ethereumjs/evm'
import { Account, bytesToHex, createAddressFromString, createZeroAddress, hexToBytes, setLengthLeft } from '@ethereumjs/util'
import { addresses } from '../precompiles/addresses.ts'
import type { GenesisAccount } from '../precompiles/genesis.ts'
import { createChainCommon } from './chain/common.ts'
import { createWallet } from './chain/wallet.ts'
import type { ChainConfig } from './config.ts'
import { loadContract } from './contracts.ts'
import { NodeError } from './errors.ts'

type Hex = `0x${string}`

/** Of each funded account where the configuration names no holders: a million, with 18 decimals. */
const votesOfAccount = 10n ** 24n
const constructionGas = 1_000_000_000n
/** Anyone may execute what has been voted and has waited. */
const anyone: Hex = `0x${'00'.repeat(20)}`

/**
 * None where the configuration has no governance.
 * @throws NodeError CONFIG_INVALID where a constructor refuses its arguments
 */
export async function governanceAccounts(config: ChainConfig): Promise<Record<Hex, GenesisAccount>> {
  const { governance } = config
  if (governance === undefined) return {}
  const { votingDelay, votingPeriod, proposalThreshold, quorumPercent, timelockDelay } = governance
  const { governanceToken: token, governanceTimelock: timelock, modelGovernor: governor } = addresses
  const settings = { votingDelay, votingPeriod, proposalThreshold, quorumPercent: BigInt(quorumPercent) }

  const site = await openSite(config)
  await site.construct(token, 'GovernanceToken', [grantsOf(config)])
  await site.construct(timelock, 'GovernanceTimelock', [BigInt(timelockDelay), [governor], [anyone]])
  await site.construct(governor, 'ModelGovernor', [token, timelock, settings])
  return Object.fromEntries(await Promise.all([token, timelock, governor].map(async (address) => [address, await site.account(address)])))
}

function grantsOf({ governance, mnemonic, accountCount }: ChainConfig): { holder: Hex; votes: bigint }[] {
  const named = Object.entries(governance?.votes ?? {}) as [Hex, bigint][]
  const held =
    named.length > 0 ? named : createWallet(mnemonic, accountCount).addresses.map((address) => [address, votesOfAccount] as const)
  // A configuration's meaning must not hang on the order of its keys.
  return held.map(([holder, votes]) => ({ holder, votes })).sort((a, b) => (a.holder < b.holder ? -1 : 1))
}

/** Where constructors run: an EVM of the chain's rules, at the genesis block's time, with nothing in its state. */
async function openSite(config: ChainConfig) {
  // It takes longer to load than the node itself to start.
  const { encodeDeployData } = await import('viem/utils')
  const common = createChainCommon(config)
  const evm = await createEVM({ common })
  const { stateManager } = evm
  const slots = new Map<Hex, Set<Hex>>()
  const putStorage = stateManager.putStorage.bind(stateManager)
  stateManager.putStorage = (address, slot, value) => {
    slots.get(address.toString())?.add(bytesToHex(slot))
    return putStorage(address, slot, value)
  }
  const block = createBlock({ header: { timestamp: config.genesisTimestamp, gasLimit: config.blockGasLimit } }, { common })

  return {
    async construct(at: Hex, name: string, args: readonly unknown[]): Promise<void> {
      const { abi, bytecode } = loadContract(name)
      const code = hexToBytes(encodeDeployData({ abi, bytecode, args: [...args] }))
      const to = createAddressFromString(at)
      slots.set(at, new Set())
      await stateManager.putAccount(to, new Account(1n))
      const result = await evm.runCode({ code, to, caller: createZeroAddress(), block, gasLimit: constructionGas })
      if (result.exceptionError !== undefined)
        throw new NodeError(
          'CONFIG_INVALID',
          `governance: the constructor of ${name} refuses it: ${result.exceptionError.error} ${bytesToHex(result.returnValue)}`,
        )
      await stateManager.putCode(to, result.returnValue)
    },

    async account(hex: Hex): Promise<GenesisAccount> {
      const address = createAddressFromString(hex)
      const storage: Record<Hex, Hex> = {}
      for (const slot of slots.get(hex) ?? []) {
        const value = await stateManager.getStorage(address, hexToBytes(slot))
        if (value.some((byte) => byte !== 0)) storage[slot] = bytesToHex(setLengthLeft(value, 32))
      }
      const code = bytesToHex(await stateManager.getCode(address))
      return { balance: 0n, nonce: 1n, code, storage }
    },
  }
}
