/** The door for transactions: signed ones, and requests that the node signs. */

import type { TypedTransaction } from '@ethereumjs/tx'
import { systemAddress } from '../../precompiles/index.ts'
import { createAdmission } from '../admission/admission.ts'
import { NodeError } from '../errors.ts'
import type { Clock } from './clock.ts'
import { type Core, leastFee, nextCommon, requireProducer } from './core.ts'
import { checkFunds, checkGasLimit, senderAt } from './execute.ts'
import { offeredFee } from './fees.ts'
import { createMutex } from './mutex.ts'
import type { Producer } from './producer.ts'
import type { Senders } from './senders.ts'
import { suggestFees } from './suggestion.ts'
import { impersonatedTransaction, isImpersonated, signRequest, transactionHash, unsignedWithHash, ZERO_ADDRESS } from './transactions.ts'
import type { CallRequest, Chain, Hex } from './types.ts'
import { signDigest } from './wallet.ts'

type Submission = Pick<
  Chain,
  | 'submit'
  | 'foresee'
  | 'submitAs'
  | 'pending'
  | 'pendingNonce'
  | 'sign'
  | 'fillTransaction'
  | 'signTransaction'
  | 'impersonate'
  | 'stopImpersonating'
  | 'impersonateAll'
> & { stopAllImpersonations(): void }

export function createSubmission(
  core: Core,
  clock: Clock,
  producer: Producer,
  senders: Senders,
  estimateGas: Chain['estimateGas'],
): Submission {
  const { config, mempool, wallet, events } = core
  const admission = createAdmission(config.admission, {
    freeGas: config.freeGas,
    waiting: mempool.countOf,
    isWaiting: (hash) => mempool.get(hash) !== undefined,
    events,
    now: () => performance.now() / 1000,
  })
  const impersonated = new Set<Hex>()
  let impersonatesAll = false
  /** Nonces are given out one request at a time. */
  const signing = createMutex()

  const stateOf = (sender: Hex) => senderAt(core.context.states.at(core.headRoot), sender)

  /** Checks and queues; the promise inside resolves when the transaction is mined, at once if nothing will mine it by itself. */
  const enqueue = async (tx: TypedTransaction, sender: Hex): Promise<{ hash: Hex; done: Promise<void> }> => {
    const hash = transactionHash(tx)
    requireProducer(config)
    if (sender === systemAddress) throw new NodeError('UNKNOWN_ACCOUNT', `the account ${sender} is the chain's own: nobody sends from it`)
    checkGasLimit(tx, core.mining.gasLimit, config.rules)
    checkGasPrice(tx, core.mining.minGasPrice)
    const account = stateOf(sender)
    if (tx.nonce < account.nonce)
      throw new NodeError('NONCE_TOO_LOW', `nonce too low: next nonce ${account.nonce}, tx nonce ${tx.nonce} (address ${sender})`)
    checkFunds(tx, sender, account, config.freeGas)
    const replaced = mempool.add({ hash, sender, tx }, account.nonce)
    try {
      if (!isImpersonated(tx, sender)) admission.check(hash, tx, sender, replaced?.hash)
    } catch (error) {
      mempool.remove(hash)
      if (replaced !== undefined) mempool.add(replaced, account.nonce)
      throw error
    }
    events.emit('pendingTransaction', hash)
    const executable = tx.nonce < mempool.nextNonce(sender)!
    if (!producer.automine() || !executable || offeredFee(tx) < leastFee(core, clock)) return { hash, done: Promise.resolve() }
    const done = producer.included(hash)
    // Others may be waiting for it; who asked handles the rejection.
    done.catch(() => {})
    producer.kick()
    return { hash, done }
  }

  const pendingNonce = async (address: Hex): Promise<bigint> => mempool.nextNonce(address) ?? stateOf(address).nonce

  const complete = async (request: CallRequest, sender: Hex): Promise<CallRequest> => {
    const offering = { ...request, ...defaultFees(core, clock, request) }
    return {
      ...offering,
      gas: request.gas ?? (await estimateGas(offering, 'latest')),
      nonce: request.nonce ?? (await pendingNonce(sender)),
    }
  }
  const senderOf = (request: CallRequest): Hex => {
    if (request.from === undefined) throw new NodeError('CALL_INVALID', 'from is missing: a transaction that the node signs needs a sender')
    if (!impersonatesAll && !impersonated.has(request.from)) wallet.privateKey(request.from)
    return request.from
  }
  const signed = (request: CallRequest, sender: Hex): TypedTransaction => {
    const common = nextCommon(core, clock)
    return wallet.has(sender) ? signRequest(request, wallet.privateKey(sender), common) : impersonatedTransaction(request, sender, common)
  }

  return {
    async submit(raw) {
      const { tx, sender } = await senders.open(raw)
      const { hash, done } = await enqueue(tx, sender)
      await done
      return hash
    },
    foresee: senders.foresee,
    async submitAs(request) {
      const sender = senderOf(request)
      const { hash, done } = await signing.run(async () => enqueue(signed(await complete(request, sender), sender), sender))
      await done
      return hash
    },
    async fillTransaction(request) {
      const sender = request.from ?? ZERO_ADDRESS
      return { tx: unsignedWithHash(await complete(request, sender), nextCommon(core, clock)), sender }
    },
    async signTransaction(request) {
      const sender = senderOf(request)
      return signed(await complete(request, sender), sender).serialize()
    },
    pending: () => mempool.content(),
    pendingNonce,
    sign: (address, digest) => signDigest(digest, wallet.privateKey(address)),
    impersonate: (address) => {
      impersonated.add(address)
    },
    stopImpersonating: (address) => {
      impersonated.delete(address)
    },
    impersonateAll: (on) => {
      impersonatesAll = on
    },
    stopAllImpersonations: () => {
      impersonated.clear()
      impersonatesAll = false
    },
  }
}

/** What a request offers that says nothing about fees: enough for a base fee that doubles. Nothing where gas is free. */
function defaultFees(
  core: Core,
  clock: Clock,
  request: CallRequest,
): Pick<CallRequest, 'gasPrice' | 'maxFeePerGas' | 'maxPriorityFeePerGas'> {
  if (core.config.freeGas || (request.gasPrice ?? request.maxFeePerGas ?? request.maxPriorityFeePerGas) !== undefined) return {}
  const { baseFee, tip } = suggestFees(core, clock)
  if (!nextCommon(core, clock).isActivatedEIP(1559)) return { gasPrice: tip }
  return { maxFeePerGas: 2n * baseFee + tip, maxPriorityFeePerGas: tip }
}

function checkGasPrice(tx: TypedTransaction, minGasPrice: bigint): void {
  if (offeredFee(tx) < minGasPrice)
    throw new NodeError(
      'UNDERPRICED',
      `transaction underpriced: it offers ${offeredFee(tx)} wei per gas, the node takes ${minGasPrice} and more`,
    )
}
