/** The rules of contracts/ModelAccess.sol, and every way that might lead around them. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type Abi, bytesToHex, decodeFunctionResult, encodeFunctionData, getContractAddress, type Hex, toFunctionSelector } from 'viem'
import { addresses, authorityGas, inferenceAbi, readRule } from '../../precompiles/index.ts'
import { type Contract, compile, contracts, createTestChain, registryAbi, sender, type TestChain, testHost } from './chain.ts'
import { denseArtifact, randomBytes } from './models.ts'

const { inference, modelAccess, modelRegistry } = addresses
const accessAbi = contracts.ModelAccess!.abi
const input = bytesToHex(randomBytes(64, 5))
const stranger = `0x${'34'.repeat(20)}` as Hex
const zero = `0x${'00'.repeat(20)}` as Hex
const modes = { open: 0, allowlist: 1, roles: 2, policy: 3 }
const open = { mode: modes.open, authority: zero, role: 0n, quotaCalls: 0, quotaSeconds: 0, receiver: zero }

const probes = compile('test/precompiles/contracts/Probe.sol')
const helpers = compile('test/precompiles/contracts/Access.sol')
const probeContract = probes.Probe!

let chain: TestChain
let model: Hex
/** Two contracts of the same code: what one may, the other may not. */
let friend: Hex
let other: Hex

const ofInference = (functionName: 'run' | 'consume', id = model) =>
  encodeFunctionData({ abi: inferenceAbi, functionName, args: [id, input] })
const stepData = (id = model) => encodeFunctionData({ abi: inferenceAbi, functionName: 'step', args: [id, 0n, input] })
const encode = ({ abi }: Pick<Contract, 'abi'>, functionName: string, args: readonly unknown[]) =>
  encodeFunctionData({ abi, functionName, args: [...args] })
const ofAccess = (functionName: string, args: readonly unknown[]) => encode({ abi: accessAbi }, functionName, args)
const probe = (functionName: string, args: readonly unknown[]) => encode(probeContract, functionName, args)
const decode = (abi: Abi, functionName: string, output: Uint8Array) => decodeFunctionResult({ abi, functionName, data: bytesToHex(output) })

async function sends(to: Hex, data: Hex, options: { timestamp?: bigint } = {}) {
  const sent = await chain.send(to, data, options)
  assert.equal(sent.error, undefined, sent.revert?.name)
  return sent
}
const setRule = (rule: Partial<typeof open>, id = model) => sends(modelAccess, ofAccess('setRule', [id, { ...open, ...rule }]))
const setAllowed = (accounts: Hex[], allowed: boolean) => sends(modelAccess, ofAccess('setAllowed', [model, accounts, allowed]))
/** Name of the error that a direct call ends with, undefined where it succeeds. */
const refusal = async (data: Hex, options: Parameters<TestChain['call']>[2] = {}) => {
  const { error, revert } = await chain.call(inference, data, options)
  return revert?.name ?? error
}
/** The same of a call that a contract makes. */
async function through(contract: Hex, functionName: string, data: Hex, options: Parameters<TestChain['call']>[2] = {}) {
  const { output, error } = await chain.call(contract, probe(functionName, [inference, data]), options)
  assert.equal(error, undefined)
  const [success, returned] = decode(probeContract.abi, functionName, output) as [boolean, Hex]
  return success ? undefined : returned.slice(0, 10)
}
const selector = (name: string) => {
  const item = inferenceAbi.find((candidate) => candidate.type === 'error' && candidate.name === name)
  assert.equal(item?.type, 'error')
  return toFunctionSelector(`${name}(${(item as { inputs: readonly { type: string }[] }).inputs.map(({ type }) => type).join(',')})`)
}
const denied = selector('AccessDenied')

before(async () => {
  chain = await createTestChain({ host: testHost() })
  friend = await chain.deploy(probeContract)
  other = await chain.deploy(probeContract)
  model = await chain.publish(denseArtifact(64, 10))
})

describe('setting a rule', () => {
  const refused = async (functionName: string, args: readonly unknown[], from?: Hex) =>
    (await chain.call(modelAccess, ofAccess(functionName, args), from === undefined ? {} : { from })).revert?.name

  test('is for the owner and the operators of the model', async () => {
    assert.equal(await refused('setRule', [model, open], stranger), 'NotOwner')
    assert.equal(await refused('setAllowed', [model, [stranger], true], stranger), 'NotOwner')
    assert.equal(await refused('setRule', [`0x${'11'.repeat(32)}`, open]), 'NotOwner')
    await sends(modelRegistry, encode({ abi: registryAbi }, 'setOperator', [model, stranger, true]))
    assert.equal(await refused('setRule', [model, open], stranger), undefined)
    await sends(modelRegistry, encode({ abi: registryAbi }, 'setOperator', [model, stranger, false]))
    assert.equal(await refused('setRule', [model, open], stranger), 'NotOwner')
  })

  test('refuses what has no meaning', async () => {
    for (const mode of [modes.open, modes.allowlist])
      assert.equal(await refused('setRule', [model, { ...open, mode, authority: friend }]), 'WrongAuthority')
    for (const mode of [modes.roles, modes.policy])
      for (const authority of [zero, stranger])
        assert.equal(await refused('setRule', [model, { ...open, mode, authority }]), 'WrongAuthority')
    assert.equal(await refused('setRule', [model, { ...open, mode: modes.policy, authority: friend, role: 1n }]), 'WrongRole')
    assert.equal(await refused('setRule', [model, { ...open, quotaCalls: 1 }]), 'WrongQuota')
    assert.equal(await refused('setRule', [model, { ...open, quotaSeconds: 1 }]), 'WrongQuota')
    assert.equal(await refused('setAllowed', [model, [friend, zero], true]), 'ZeroAccount')
    assert.equal(await refused('setAllowed', [model, Array(257).fill(friend), true]), 'TooManyAccounts')
  })

  test('is what the precompile reads', async () => {
    const rule = { mode: modes.policy, authority: friend, role: 0n, quotaCalls: 7, quotaSeconds: 2 ** 32 - 1, receiver: other }
    await setRule(rule)
    const { Address, hexToBytes } = await import('@ethereumjs/util')
    const getStorage = async (address: Hex, slot: Uint8Array) => {
      const value = await chain.vm.stateManager.getStorage(new Address(hexToBytes(address)), slot)
      return Uint8Array.from([...new Uint8Array(32 - value.length), ...value])
    }
    const expected = { ...rule, mode: 'policy', quotaCalls: 7n, quotaSeconds: 2n ** 32n - 1n }
    assert.deepEqual(await readRule({ getStorage }, model), expected)
    await setRule({})
    assert.equal(await readRule({ getStorage }, model), undefined)
  })
})

describe('an open model', () => {
  test('runs for anyone, without an account too', async () => {
    for (const from of [stranger, zero]) assert.equal(await refusal(ofInference('run'), { from }), undefined)
    assert.equal(await refusal(ofInference('consume'), { from: stranger }), undefined)
  })
})

/** Each mode, set so that `friend` may run and nobody else. */
const setups: Record<string, () => Promise<void>> = {
  async allowlist() {
    await setRule({ mode: modes.allowlist })
    await setAllowed([friend], true)
  },
  async roles() {
    const manager = await chain.deploy(contracts.ModelAccessManager!, [sender.toString()])
    await sends(manager, encode(contracts.ModelAccessManager!, 'grantRole', [7n, friend, 0]), { timestamp: 1000n })
    await setRule({ mode: modes.roles, authority: manager, role: 7n })
  },
  async policy() {
    await setRule({ mode: modes.policy, authority: await chain.deploy(helpers.AllowsOne!, [friend]) })
  },
  async receiver() {
    await setRule({ receiver: friend })
  },
}
const later = { timestamp: 2000n }

for (const [name, setUp] of Object.entries(setups))
  describe(`${name}: whoever is not let`, () => {
    before(setUp)

    test('is refused by call, by staticcall, and in frames within frames', async () => {
      for (const way of ['byCall', 'byStaticCall']) {
        assert.equal(await through(friend, way, ofInference('run'), later), undefined, way)
        assert.equal(await through(other, way, ofInference('run'), later), denied, way)
      }
      const nested = probe('nested', [3n, inference, ofInference('run')])
      assert.equal((await chain.call(friend, nested, later)).error, undefined)
      assert.equal((await chain.call(other, nested, later)).error, 'revert')
    })

    test('is refused by every function that runs anything', async () => {
      for (const data of [ofInference('run'), ofInference('consume'), stepData()]) {
        assert.equal(await through(friend, 'byCall', data, later), undefined)
        assert.equal(await through(other, 'byCall', data, later), denied)
        assert.equal(await refusal(data, { ...later, from: stranger }), 'AccessDenied')
      }
    })

    test('gets nothing by running the precompile in another’s name, or another’s code in its own', async () => {
      const delegate = selector('DelegateCall')
      for (const way of ['byDelegateCall', 'byCallCode'])
        for (const contract of [friend, other]) assert.equal(await through(contract, way, ofInference('run'), later), delegate, way)
      const borrower = await chain.deploy(helpers.Borrower!)
      const borrowed = encode(helpers.Borrower!, 'borrow', [friend, probe('byCall', [inference, ofInference('run')])])
      const { output } = await chain.call(borrower, borrowed, later)
      const [ran, answer] = decode(helpers.Borrower!.abi, 'borrow', output) as [boolean, Hex]
      assert.equal(ran, true)
      const [success, returned] = decodeFunctionResult({ abi: probeContract.abi, functionName: 'byCall', data: answer }) as [boolean, Hex]
      assert.deepEqual([success, returned.slice(0, 10)], [false, denied])
    })

    test('gets nothing from the transaction having been begun by someone who is let', async () => {
      assert.equal(await through(other, 'byCall', ofInference('run'), { ...later, from: friend, origin: friend }), denied)
    })

    test('is refused in a constructor', async () => {
      const { nonce } = (await chain.vm.stateManager.getAccount(sender))!
      const created = getContractAddress({ from: sender.toString() as Hex, nonce })
      const address = await chain.deploy(helpers.FromConstructor!, [inference, ofInference('run')])
      assert.equal(address.toLowerCase(), created.toLowerCase())
      const { output } = await chain.call(address, encode(helpers.FromConstructor!, 'output', []))
      assert.equal((decode(helpers.FromConstructor!.abi, 'output', output) as Hex).slice(0, 10), denied)
    })

    test('is refused without an account', async () => {
      assert.equal(await refusal(ofInference('run'), { ...later, from: zero }), 'AccessDenied')
    })

    test('pays for the check, the same in a call and in a transaction', async () => {
      const called = await chain.call(inference, ofInference('run'), { from: sender.toString() as Hex, ...later })
      const sent = await chain.send(inference, ofInference('run'), later)
      assert.equal(called.revert?.name, 'AccessDenied')
      assert.equal(sent.revert?.name, 'AccessDenied')
      assert.equal(sent.gasUsed, called.gasUsed)
    })
  })

describe('allowlist', () => {
  before(setups.allowlist!)

  test('lets a contract in its constructor, by the address that it will have', async () => {
    const { nonce } = (await chain.vm.stateManager.getAccount(sender))!
    await setAllowed([getContractAddress({ from: sender.toString() as Hex, nonce: nonce + 1n })], true)
    const address = await chain.deploy(helpers.FromConstructor!, [inference, ofInference('run')])
    const { output } = await chain.call(address, encode(helpers.FromConstructor!, 'success', []))
    assert.equal(decode(helpers.FromConstructor!.abi, 'success', output), true)
  })

  test('forgets rights that a reverted frame has given', async () => {
    const regretful = await chain.deploy(helpers.Regretful!)
    await sends(modelRegistry, encode({ abi: registryAbi }, 'setOperator', [model, regretful, true]))
    const grant = ofAccess('setAllowed', [model, [regretful], true])
    const { output } = await sends(regretful, encode(helpers.Regretful!, 'tryAndRun', [modelAccess, grant, ofInference('run')]))
    assert.deepEqual(decode(helpers.Regretful!.abi, 'tryAndRun', output), [true, false])
  })

  test('is left at once', async () => {
    await setAllowed([friend], false)
    assert.equal(await through(friend, 'byCall', ofInference('run')), denied)
    await setAllowed([friend], true)
  })
})

describe('roles', () => {
  test('end with the role, and a role that acts with delay is none', async () => {
    const manager = await chain.deploy(contracts.ModelAccessManager!, [sender.toString()])
    const ofManager = (functionName: string, args: readonly unknown[]) => encode(contracts.ModelAccessManager!, functionName, args)
    await setRule({ mode: modes.roles, authority: manager, role: 9n })
    assert.equal(await through(friend, 'byCall', ofInference('run'), later), denied)
    await sends(manager, ofManager('grantRole', [9n, friend, 0]), { timestamp: 1000n })
    assert.equal(await through(friend, 'byCall', ofInference('run'), later), undefined)
    await sends(manager, ofManager('revokeRole', [9n, friend]), { timestamp: 1000n })
    assert.equal(await through(friend, 'byCall', ofInference('run'), later), denied)
    await sends(manager, ofManager('grantRole', [9n, friend, 60]), { timestamp: 1000n })
    assert.equal(await through(friend, 'byCall', ofInference('run'), later), denied)
  })
})

describe('a policy contract', () => {
  const usePolicy = async (contract: Contract, args: readonly unknown[] = []) =>
    setRule({ mode: modes.policy, authority: await chain.deploy(contract, args) })

  test('is told who began the transaction', async () => {
    await usePolicy(helpers.AllowsOrigin!, [stranger])
    assert.equal(await through(other, 'byCall', ofInference('run'), { from: stranger }), undefined)
    assert.equal(await through(other, 'byCall', ofInference('run')), denied)
  })

  for (const name of ['Reverts', 'Loops', 'Writes'])
    test(`${name}: that means no`, async () => {
      await usePolicy(helpers[name]!)
      const { revert, gasUsed } = await chain.call(inference, ofInference('run'))
      assert.equal(revert?.name, 'AccessDenied')
      assert.ok(gasUsed < authorityGas + 10_000n)
    })

  const yes = '00'.repeat(31)
  const answers: [string, Hex, boolean][] = [
    ['nothing', '0x', false],
    ['31 bytes', `0x${yes}`, false],
    ['false', `0x${yes}00`, false],
    ['2', `0x${yes}02`, false],
    ['a dirty true', `0x01${yes.slice(2)}01`, false],
    ['true', `0x${yes}01`, true],
    ['true and more', `0x${yes}01ff`, true],
  ]
  for (const [name, answer, isYes] of answers)
    test(`answers ${name}: that means ${isYes ? 'yes' : 'no'}`, async () => {
      await usePolicy(helpers.Answers!, [answer])
      assert.equal(await refusal(ofInference('run')), isYes ? undefined : 'AccessDenied')
    })

  test('that has lost its code means no', async () => {
    const { Address, hexToBytes } = await import('@ethereumjs/util')
    const policy = await chain.deploy(helpers.AllowsOne!, [sender.toString()])
    await setRule({ mode: modes.policy, authority: policy })
    assert.equal(await refusal(ofInference('run')), undefined)
    await chain.vm.stateManager.putCode(new Address(hexToBytes(policy)), new Uint8Array())
    assert.equal(await refusal(ofInference('run')), 'AccessDenied')
  })

  test('that runs the model again is asked once: the gas it has is too little to be asked within itself', async () => {
    await usePolicy(helpers.Reenters!)
    const { error, gasUsed } = await chain.call(inference, ofInference('run'))
    assert.equal(error, undefined)
    assert.ok(gasUsed < 2n * authorityGas + 50_000n)
  })

  test('may run another model', async () => {
    const small = await chain.publish(denseArtifact(8, 4))
    await usePolicy(helpers.RunsAnother!, [small])
    assert.equal(await refusal(ofInference('run')), undefined)
    await setRule({ mode: modes.allowlist }, small)
    assert.equal(await refusal(ofInference('run')), 'AccessDenied')
  })

  test('gets its gas whole or the call halts: little gas cannot change its answer', async () => {
    await usePolicy(helpers.AllowsOne!, [sender.toString()])
    const whole = await chain.call(inference, ofInference('run'))
    assert.equal(whole.error, undefined)
    assert.equal(await refusal(ofInference('run'), { gasLimit: authorityGas }), 'out of gas')
    // What is not used up comes back.
    const { gasUsed } = await chain.call(inference, ofInference('run'), { gasLimit: authorityGas + 20_000n })
    assert.equal(gasUsed, whole.gasUsed)
  })

  test('leaves caller, block and transaction as they were', async () => {
    await usePolicy(helpers.AllowsOne!, [friend])
    const account = await chain.vm.stateManager.getAccount(sender)
    const { output } = await sends(friend, probe('twice', [inference, ofInference('run')]))
    const [first, second] = decode(probeContract.abi, 'twice', output) as [bigint, bigint]
    // The second run pays neither for the model nor for the policy's account.
    assert.ok(first > second)
    assert.equal((await chain.vm.stateManager.getAccount(sender))!.nonce, account!.nonce + 1n)
  })
})

describe('a quota', () => {
  const used = async (timestamp: bigint, contract = friend) => {
    const { output } = await sends(contract, probe('byCall', [inference, ofInference('consume')]), { timestamp })
    const [success, returned] = decode(probeContract.abi, 'byCall', output) as [boolean, Hex]
    return success ? undefined : returned.slice(0, 10)
  }
  before(() => setRule({ quotaCalls: 2, quotaSeconds: 100 }))

  test('runs through consume only, and not in a static call', async () => {
    assert.equal(await refusal(ofInference('run')), 'QuotaModel')
    assert.equal(await refusal(stepData()), 'QuotaModel')
    assert.equal(await refusal(ofInference('consume'), { isStatic: true }), 'StaticCall')
    assert.equal(await through(friend, 'byStaticCall', ofInference('consume')), selector('StaticCall'))
  })

  test('is of one caller and one window', async () => {
    assert.equal(await used(1000n), undefined)
    assert.equal(await used(1099n), undefined)
    assert.equal(await used(1099n), selector('QuotaExceeded'))
    assert.equal(await used(1099n, other), undefined)
    assert.equal(await used(1100n), undefined)
    assert.equal(await used(1150n), undefined)
    assert.equal(await used(1199n), selector('QuotaExceeded'))
    const exceeded = await chain.call(inference, ofInference('consume'), { from: friend, timestamp: 1199n })
    assert.deepEqual(exceeded.revert?.args.slice(2), [1200n])
  })

  test('is not used up by what was reverted, nor by a run that fails', async () => {
    for (let i = 0; i < 3; i++) {
      const undone = await chain.send(other, probe('undone', [inference, ofInference('consume')]), { timestamp: 5000n })
      assert.equal(undone.revert?.name ?? undone.error, toFunctionSelector('Undone(bool,bytes)'))
      const wrong = encodeFunctionData({ abi: inferenceAbi, functionName: 'consume', args: [model, '0x00'] })
      await sends(other, probe('byCall', [inference, wrong]), { timestamp: 5000n })
    }
    for (let i = 0; i < 2; i++) assert.equal(await used(5000n, other), undefined)
    assert.equal(await used(5000n, other), selector('QuotaExceeded'))
  })

  test('does not let who has no account', async () => {
    assert.equal(await refusal(ofInference('consume'), { from: zero }), 'AccessDenied')
  })

  test('counts only whom the mode lets', async () => {
    await setRule({ mode: modes.allowlist, quotaCalls: 2, quotaSeconds: 100 })
    assert.equal(await used(9000n), undefined)
    assert.equal(await used(9000n, other), denied)
  })
})
