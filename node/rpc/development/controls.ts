/** The methods that Anvil and Hardhat share, or that either has: state set by hand, senders without keys, mining, the whole chain. */
import { z } from 'zod'
import { RpcError } from '../errors.ts'
import { quantity as hexQuantity } from '../hex.ts'
import { defineMethod, type Method } from '../method.ts'
import { address, bytes, flag, hash, numberLike, optional, slot, text, word } from '../params.ts'
import { blockCount } from './params.ts'

const resetOptions = z.object({ forking: optional(z.object({ jsonRpcUrl: optional(text), blockNumber: optional(numberLike) })) })

/** `done` is what a method without a result answers: null in Anvil, true in Hardhat. */
export function controlMethods(prefix: 'anvil' | 'hardhat', done: null | true): Method[] {
  const finished = async (work: void | Promise<void>) => {
    await work
    return done
  }
  return [
    defineMethod({
      name: `${prefix}_mine`,
      summary: 'Mines blocks, `interval` seconds apart.',
      params: { blocks: optional(blockCount), interval: optional(numberLike) },
      run: ({ chain }, { blocks, interval }) => finished(chain.mine(Number(blocks ?? 1n), interval === undefined ? {} : { interval })),
    }),
    defineMethod({
      name: `${prefix}_getAutomine`,
      summary: 'Whether each transaction is mined as soon as it arrives.',
      params: {},
      run: ({ chain }) => chain.automine(),
    }),
    defineMethod({
      name: `${prefix}_setBalance`,
      summary: 'Sets a balance in wei.',
      params: { address, balance: numberLike },
      run: ({ chain }, { address, balance }) => finished(chain.setBalance(address, balance)),
    }),
    defineMethod({
      name: `${prefix}_setCode`,
      summary: 'Sets the code at an address.',
      params: { address, code: bytes },
      run: ({ chain }, { address, code }) => finished(chain.setCode(address, code)),
    }),
    defineMethod({
      name: `${prefix}_setNonce`,
      summary: 'Sets a nonce.',
      params: { address, nonce: numberLike },
      run: ({ chain }, { address, nonce }) => finished(chain.setNonce(address, nonce)),
    }),
    defineMethod({
      name: `${prefix}_setStorageAt`,
      summary: 'Sets a storage slot.',
      params: { address, slot, value: word },
      run: ({ chain }, { address, slot, value }) => finished(chain.setStorageAt(address, slot, value)),
    }),
    defineMethod({
      name: `${prefix}_impersonateAccount`,
      summary: 'Lets eth_sendTransaction send from an address without its key.',
      params: { address },
      run: ({ chain }, { address }) => finished(chain.impersonate(address)),
    }),
    defineMethod({
      name: `${prefix}_stopImpersonatingAccount`,
      summary: 'Ends an impersonation.',
      params: { address },
      run: ({ chain }, { address }) => finished(chain.stopImpersonating(address)),
    }),
    defineMethod({
      name: `${prefix}_autoImpersonateAccount`,
      summary: 'Whether eth_sendTransaction sends from any address without its key.',
      params: { enabled: flag },
      run: ({ chain }, { enabled }) => finished(chain.impersonateAll(enabled)),
    }),
    defineMethod({
      name: `${prefix}_dropTransaction`,
      summary: 'Takes a waiting transaction out; answers whether it was there.',
      params: { transactionHash: hash },
      run: ({ chain }, { transactionHash }) => chain.dropTransaction(transactionHash),
    }),
    defineMethod({
      name: `${prefix}_dropAllTransactions`,
      summary: 'Takes all waiting transactions out.',
      params: {},
      run: ({ chain }) => finished(chain.dropAllTransactions()),
    }),
    defineMethod({
      name: `${prefix}_removePoolTransactions`,
      summary: 'Takes the waiting transactions of one sender out.',
      params: { address },
      run: ({ chain }, { address }) => finished(chain.dropAllTransactions(address)),
    }),
    defineMethod({
      name: `${prefix}_setCoinbase`,
      summary: 'The fee recipient of later blocks.',
      params: { address },
      run: ({ chain }, { address }) => {
        chain.mining.coinbase = address
        return done
      },
    }),
    defineMethod({
      name: `${prefix}_setPrevRandao`,
      summary: 'The randomness (PREVRANDAO) of the next block.',
      params: { prevRandao: word },
      run: ({ chain }, { prevRandao }) => {
        chain.mining.prevRandao = `0x${Buffer.from(prevRandao).toString('hex')}`
        return done
      },
    }),
    defineMethod({
      name: `${prefix}_setMinGasPrice`,
      summary: 'Wei per gas that a transaction must offer to be taken.',
      params: { gasPrice: numberLike },
      run: ({ chain }, { gasPrice }) => {
        chain.mining.minGasPrice = gasPrice
        return done
      },
    }),
    defineMethod({
      name: `${prefix}_setNextBlockBaseFeePerGas`,
      summary: 'Takes 0 alone: the base fee of this chain is 0 by its rules.',
      params: { baseFee: numberLike },
      run: (_, { baseFee }) => {
        if (baseFee === 0n) return done
        throw new RpcError('server', `the base fee of this chain is 0 in every block, got ${baseFee}`)
      },
    }),
    defineMethod({
      name: `${prefix}_setLoggingEnabled`,
      summary: 'Does nothing: what the node logs is said when it starts.',
      params: { enabled: flag },
      run: () => done,
    }),
    defineMethod({
      name: `${prefix}_reset`,
      summary:
        'Goes back to the first block, with the settings the node started with; with `forking` a forked chain goes to another block or node.',
      params: { options: optional(resetOptions) },
      run: ({ chain }, { options }) => {
        const { jsonRpcUrl, blockNumber } = options?.forking ?? {}
        return finished(chain.reset(options?.forking && { url: jsonRpcUrl, blockNumber }))
      },
    }),
    defineMethod({
      name: `${prefix}_metadata`,
      summary: 'Client, chain id and head.',
      params: {},
      run: async ({ chain, clientVersion }) => {
        const { block, hash } = chain.head()
        return {
          clientVersion,
          chainId: chain.config.chainId,
          instanceId: (await chain.block(chain.firstBlock()))!.hash,
          latestBlockNumber: Number(block.header.number),
          latestBlockHash: hash,
          snapshots: {},
          gasLimit: hexQuantity(chain.mining.gasLimit),
        }
      },
    }),
  ]
}
