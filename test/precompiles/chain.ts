/** A stock ethereumjs VM with the precompiles, for tests: deploys, calls and publishes models through transactions. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createBlock } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createLegacyTx } from '@ethereumjs/tx'
import { Account, Address, createAddressFromPrivateKey, hexToBytes } from '@ethereumjs/util'
import { createVM, runTx, type VM } from '@ethereumjs/vm'
import solc from 'solc'
import { type Abi, bytesToHex, decodeErrorResult, decodeFunctionResult, encodeDeployData, encodeFunctionData, type Hex } from 'viem'
import {
  addresses,
  genesisAccounts,
  type HeldArtifacts,
  inferenceAbi,
  installInfernode,
  type Limits,
  maxChunkBytes,
  type PredeployCode,
  predeploys,
  tensorAbi,
} from '../../precompiles/index.ts'
import { createHost, type Host, loadModule, modelId } from '../../runtime/index.ts'

const root = join(import.meta.dirname, '../..')

export interface Contract {
  abi: Abi
  bytecode: Hex
  deployedBytecode: Hex
}

export const contracts: Record<string, Contract> = JSON.parse(readFileSync(join(root, 'build/contracts.json'), 'utf8'))
export const registryAbi = contracts.ModelRegistry!.abi

/** Of blocks that name no other, in seconds. */
const genesisTime = 1000n

const senderKey = new Uint8Array(32).fill(7)
export const sender = createAddressFromPrivateKey(senderKey)

/** The errors of all contracts, those of the libraries they use included. */
const errors: Abi = [...inferenceAbi, ...tensorAbi, ...Object.values(contracts).flatMap(({ abi }) => abi)].filter(
  (item) => item.type === 'error',
)

export interface Outcome {
  /** Empty where the call failed. */
  output: Uint8Array
  /** Without the intrinsic gas of a transaction. */
  gasUsed: bigint
  /** `revert`, or the EVM's other reasons. */
  error?: string
  /** Name and arguments of a revert's error. */
  revert?: { name: string; args: readonly unknown[] }
}

export interface TestLog {
  address: Hex
  topics: [Hex, ...Hex[]]
  data: Hex
}

export interface TestChain {
  vm: VM
  host: Host
  /** Of all transactions that succeeded, in order. */
  logs: TestLog[]
  /** As eth_call: nothing stays. */
  call(
    to: Hex,
    data: Hex,
    options?: { gasLimit?: bigint; value?: bigint; isStatic?: boolean; from?: Hex; origin?: Hex; timestamp?: bigint },
  ): Promise<Outcome>
  /** As a mined transaction. */
  send(
    to: Hex | undefined,
    data: Hex,
    options?: { gasLimit?: bigint; value?: bigint; timestamp?: bigint; from?: Hex },
  ): Promise<Outcome & { created?: Hex; totalGas: bigint }>
  deploy(contract: Contract, args?: readonly unknown[]): Promise<Hex>
  /** Uploads and publishes an artifact; gives the id. */
  publish(artifact: Uint8Array): Promise<Hex>
  upload(artifact: Uint8Array): Promise<Hex[]>
}

export function testHost(options: { cacheBytes?: number } = {}): Host {
  return createHost({ wasm: loadModule(), ...options })
}

export async function createTestChain(
  options: { host?: Host; limits?: Partial<Limits>; hardfork?: Hardfork; artifacts?: HeldArtifacts } = {},
): Promise<TestChain> {
  const host = options.host ?? testHost()
  const vm = await createVM({ common: new Common({ chain: Mainnet, hardfork: options.hardfork ?? Hardfork.Cancun }) })
  installInfernode(vm.evm, { host, artifacts: options.artifacts, ...(options.limits === undefined ? {} : { limits: options.limits }) })
  const code = Object.fromEntries(Object.keys(predeploys).map((name) => [name, contracts[name]!.deployedBytecode])) as PredeployCode
  const owner = sender.toString() as Hex
  const logs: TestLog[] = []
  for (const [hex, account] of Object.entries(genesisAccounts({ code, gasScheduleOwner: owner }))) {
    const address = new Address(hexToBytes(hex as Hex))
    await vm.stateManager.putAccount(address, new Account(account.nonce, account.balance))
    await vm.stateManager.putCode(address, hexToBytes(account.code))
    for (const [slot, value] of Object.entries(account.storage))
      await vm.stateManager.putStorage(address, hexToBytes(slot as Hex), hexToBytes(value as Hex))
  }
  await vm.stateManager.putAccount(sender, new Account(0n, 10n ** 24n))

  const call: TestChain['call'] = async (to, data, options = {}) => {
    const { gasLimit = 500_000_000n, value = 0n, isStatic = false, from = owner, origin = from, timestamp = genesisTime } = options
    await vm.evm.journal.checkpoint()
    try {
      for (const address of vm.evm.precompiles.keys()) vm.evm.journal.addAlwaysWarmAddress(address)
      vm.evm.journal.addAlwaysWarmAddress(to)
      const result = await vm.evm.runCall({
        caller: new Address(hexToBytes(from)),
        origin: new Address(hexToBytes(origin)),
        block: createBlock({ header: { timestamp } }, { common: vm.common }),
        to: new Address(hexToBytes(to)),
        data: hexToBytes(data),
        gasLimit,
        value,
        isStatic,
        skipBalance: true,
      })
      return outcome(result.execResult)
    } finally {
      await vm.evm.journal.revert()
      vm.evm.journal.cleanJournal()
    }
  }

  const send: TestChain['send'] = async (to, data, options = {}) => {
    const { gasLimit = 500_000_000n, value = 0n, timestamp = genesisTime, from = owner } = options
    const account = await vm.stateManager.getAccount(new Address(hexToBytes(from)))
    const signed = createLegacyTx(
      {
        nonce: account?.nonce ?? 0n,
        gasPrice: 7n,
        gasLimit,
        value,
        data: hexToBytes(data),
        ...(to === undefined ? {} : { to: new Address(hexToBytes(to)) }),
      },
      { common: vm.common },
    ).sign(senderKey)
    const tx = Object.create(signed, { getSenderAddress: { value: () => new Address(hexToBytes(from)) } }) as typeof signed
    const block = createBlock({ header: { timestamp } }, { common: vm.common })
    const result = await runTx(vm, { tx, block, skipBlockGasLimitValidation: true, skipBalance: true })
    const created = result.createdAddress?.toString() as Hex | undefined
    for (const [address, topics, data] of result.execResult.logs ?? [])
      logs.push({
        address: bytesToHex(address),
        topics: topics.map((topic) => bytesToHex(topic)) as TestLog['topics'],
        data: bytesToHex(data),
      })
    return { ...outcome(result.execResult), totalGas: result.totalGasSpent, ...(created === undefined ? {} : { created }) }
  }

  const deploy: TestChain['deploy'] = async ({ abi, bytecode }, args = []) => {
    const { created, error } = await send(undefined, encodeDeployData({ abi, bytecode, args: [...args] }))
    if (created === undefined || error !== undefined) throw new Error(`deployment failed: ${error}`)
    return created
  }

  const upload: TestChain['upload'] = async (artifact) => {
    const chunks: Hex[] = []
    for (let offset = 0; offset < artifact.length; offset += maxChunkBytes) {
      const data = encodeFunctionData({
        abi: registryAbi,
        functionName: 'upload',
        args: [bytesToHex(artifact.subarray(offset, offset + maxChunkBytes))],
      })
      const { output, error } = await send(addresses.modelRegistry, data)
      if (error !== undefined) throw new Error(`upload failed: ${error}`)
      chunks.push(decodeFunctionResult({ abi: registryAbi, functionName: 'upload', data: bytesToHex(output) }) as Hex)
    }
    return chunks
  }

  const publish: TestChain['publish'] = async (artifact) => {
    const id = modelId(artifact)
    const data = encodeFunctionData({ abi: registryAbi, functionName: 'publish', args: [id, await upload(artifact), 'test'] })
    const { error, revert } = await send(addresses.modelRegistry, data)
    if (error !== undefined) throw new Error(`publish failed: ${error} ${revert?.name}(${revert?.args.join(', ')})`)
    return id
  }

  return { vm, host, logs, call, send, deploy, publish, upload }
}

function outcome(result: { returnValue: Uint8Array; executionGasUsed: bigint; exceptionError?: { error: string } }): Outcome {
  const { returnValue, executionGasUsed, exceptionError } = result
  if (exceptionError === undefined) return { output: returnValue, gasUsed: executionGasUsed }
  if (returnValue.length < 4) return { output: returnValue, gasUsed: executionGasUsed, error: exceptionError.error }
  return { output: new Uint8Array(), gasUsed: executionGasUsed, error: exceptionError.error, revert: decodeRevert(returnValue) }
}

/** An error that no ABI has goes by its selector. */
function decodeRevert(data: Uint8Array): NonNullable<Outcome['revert']> {
  try {
    const { errorName, args } = decodeErrorResult({ abi: errors, data: bytesToHex(data) })
    return { name: errorName, args: (args ?? []) as unknown[] }
  } catch {
    return { name: bytesToHex(data.subarray(0, 4)), args: [] }
  }
}

/** Compiles contracts that only tests have. */
export function compile(path: string): Record<string, Contract> {
  const input = {
    language: 'Solidity',
    sources: { [path]: { content: readFileSync(join(root, path), 'utf8') } },
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  }
  const imports = (name: string) => {
    const file = [join(root, name), join(root, 'node_modules', name)].find((candidate) => existsSync(candidate))
    return file === undefined ? { error: 'not found' } : { contents: readFileSync(file, 'utf8') }
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: imports }))
  const serious = (output.errors ?? []).filter(({ severity }: { severity: string }) => severity === 'error')
  if (serious.length > 0) throw new Error(serious.map(({ formattedMessage }: { formattedMessage: string }) => formattedMessage).join('\n'))
  return Object.fromEntries(
    Object.entries<{ abi: Abi; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }>(output.contracts[path]).map(
      ([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}`, deployedBytecode: `0x${evm.deployedBytecode.object}` }],
    ),
  )
}
