/**
 * A thousand calls by three accounts, in an order that nobody chose: each succeeds exactly where the rules of docs/registry.md and docs/access.md say so, told anew here
 * from what the events have told before; what was retired stays so, histories only grow, and nobody changes what is not theirs.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeFunctionData, type Hex } from 'viem'
import { addresses, inferenceAbi } from '../../precompiles/index.ts'
import { compile, createTestChain, sender, testHost } from '../precompiles/chain.ts'
import { denseArtifact } from '../precompiles/models.ts'
import { assertKept, type Index, openRule, rebuild, sources, unset } from './indexer.ts'

const { modelRegistry: registry, modelNames: names, modelAccess: access } = addresses
const callsOfSeed = 250
const active = 1
const retired = 3
const same = (a: Hex, b: Hex) => a.toLowerCase() === b.toLowerCase()
const has = (set: Set<Hex>, account: Hex) => [...set].some((member) => same(member, account))

interface Call {
  to: Hex
  functionName: string
  args: readonly unknown[]
  /** Whether the rules let this caller. */
  isAllowed: boolean
}

/** xorshift32. */
function randomOf(seed: number) {
  let state = seed
  return <T>(list: readonly T[]): T => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return list[(state >>> 0) % list.length] as T
  }
}

function randomCall(pick: ReturnType<typeof randomOf>, index: Index, caller: Hex, accounts: readonly Hex[]): Call {
  const ids = [...index.models.keys()]
  const [id, other, account, flag] = [pick(ids), pick([...ids, unset]), pick(accounts), pick([true, false])]
  const model = index.models.get(id)!
  const isOwner = same(model.owner, caller)
  const isManager = isOwner || has(model.operators, caller)
  const isAlive = model.status !== retired
  const text = pick(['one', 'two', 'three'])
  const name = [...index.names.values()].find((candidate) => candidate.name === text)
  const ownsName = name !== undefined && same(name.owner, caller)
  const isActive = index.models.get(other)?.status === active
  const parentIsOlder = other === unset || ids.indexOf(other) < ids.indexOf(id)
  return pick<Call>([
    { to: registry, functionName: 'setMetadata', args: [id, text], isAllowed: isManager },
    { to: registry, functionName: 'setParent', args: [id, other], isAllowed: isManager && parentIsOlder },
    { to: registry, functionName: 'deprecate', args: [id, other], isAllowed: isManager && isAlive },
    { to: registry, functionName: 'reinstate', args: [id], isAllowed: isManager && isAlive },
    { to: registry, functionName: 'setOperator', args: [id, account, flag], isAllowed: isOwner },
    { to: registry, functionName: 'transferOwnership', args: [id, account], isAllowed: isOwner },
    { to: registry, functionName: 'retire', args: [id], isAllowed: isOwner && isAlive },
    { to: access, functionName: 'setRule', args: [id, { ...openRule, mode: pick([0, 1]) }], isAllowed: isManager },
    { to: access, functionName: 'setAllowed', args: [id, [account], flag], isAllowed: isManager },
    { to: names, functionName: 'register', args: [text, other], isAllowed: name === undefined && isActive },
    {
      to: names,
      functionName: 'upgrade',
      args: [text, other],
      isAllowed: isActive && (ownsName || (name !== undefined && has(name.operators, caller))),
    },
    { to: names, functionName: 'setOperator', args: [text, account, flag], isAllowed: ownsName },
    { to: names, functionName: 'transferOwnership', args: [text, account], isAllowed: ownsName },
  ])
}

for (const seed of [1, 2, 3, 4])
  test(`${callsOfSeed} calls of seed ${seed}`, async () => {
    const chain = await createTestChain({ host: testHost() })
    const probe = compile('test/precompiles/contracts/Probe.sol').Probe!
    const [ann, bob] = [await chain.deploy(probe), await chain.deploy(probe)]
    const accounts = [sender.toString() as Hex, ann, bob]
    for (const model of [1, 2, 3, 4, 5, 6, 7, 8]) await chain.publish(denseArtifact(8, 4, model))
    const pick = randomOf(seed * 7919)
    let succeeded = 0
    for (let i = 0; i < callsOfSeed; i++) {
      const before = rebuild(chain.logs)
      const caller = pick(accounts)
      const { to, functionName, args, isAllowed } = randomCall(pick, before, caller, accounts)
      const data = encodeFunctionData({ abi: sources[to]!, functionName, args: [...args] })
      // A contract's answer begins with whether its call succeeded.
      const isContract = caller !== accounts[0]
      const forwarded = encodeFunctionData({ abi: probe.abi, functionName: 'byCall', args: [to, data] })
      const { error, output } = await (isContract ? chain.send(caller, forwarded) : chain.send(to, data))
      const hasSucceeded = error === undefined && (!isContract || output[31] === 1)
      assert.equal(hasSucceeded, isAllowed, `call ${i}: ${functionName}(${args.map(String).join(', ')}) by ${caller}`)
      if (hasSucceeded) succeeded++
      const after = rebuild(chain.logs)
      for (const [id, model] of before.models) if (model.status === retired) assert.equal(after.models.get(id)!.status, retired)
      for (const [key, name] of before.names) assert.deepEqual(after.names.get(key)!.versions.slice(0, name.versions.length), name.versions)
    }
    assert.ok(succeeded > callsOfSeed / 10, `${succeeded} calls succeeded`)

    const index = rebuild(chain.logs)
    await assertKept(chain, index, accounts)
    for (const [id, model] of index.models)
      for (const from of accounts) {
        const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [id, `0x${'01'.repeat(8)}`] })
        const { revert } = await chain.call(addresses.inference, data, { from })
        const isOpen = model.rule.mode === 0 || has(model.allowed, from)
        assert.equal(revert?.name, model.status === retired ? 'RetiredModel' : isOpen ? undefined : 'AccessDenied')
      }
  })
