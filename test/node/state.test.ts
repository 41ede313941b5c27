/** The node's own state against that of @ethereumjs/statemanager, and what its views keep against what is true. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Common, Mainnet } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { Account, Address } from '@ethereumjs/util'
import fc from 'fast-check'
import { NodeStore } from '../../node/state/nodes.ts'
import { createState, type MachineState } from '../../node/state/state.ts'
import { openMemoryStore } from '../../node/state/store.ts'
import { EMPTY_ROOT } from '../../node/state/trie.ts'
import { createStates, type StateView } from '../../node/state/views.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const addresses = [1, 2, 3].map((last) => new Address(new Uint8Array(20).fill(last)))
const slots = [0, 1, 2].map((last) => new Uint8Array(32).fill(last, 31))
const common = new Common({ chain: Mainnet, hardfork: 'cancun' })

function openStates() {
  const store = openMemoryStore()
  const nodes = new NodeStore(store)
  const states = createStates(nodes)
  return {
    states,
    /** Reads nothing that another has kept. */
    fresh: (root: Uint8Array) => createStates(new NodeStore(store)).at(root),
    async settle(state: MachineState): Promise<StateView> {
      const sealed = state.seal()
      await store.write(nodes.writes(sealed.nodes))
      const view = states.adopt(sealed)
      state.rebase(view)
      return view
    },
  }
}

const address = fc.nat(2)
const change = fc.oneof(
  fc.record({ kind: fc.constant('account'), address, nonce: fc.nat(3), balance: fc.nat(3) }),
  fc.record({ kind: fc.constant('code'), address, byte: fc.nat(2) }),
  fc.record({ kind: fc.constant('slot'), address, slot: fc.nat(2), value: fc.nat(3) }),
  fc.record({ kind: fc.constantFrom('clear', 'delete', 'read'), address }),
  fc.record({ kind: fc.constantFrom('checkpoint', 'commit', 'revert', 'seal') }),
)
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

async function apply(state: MerkleStateManager | MachineState, step: Change): Promise<void> {
  const at = addresses['address' in step ? step.address : 0]!
  if ('nonce' in step)
    await state.putAccount(
      at,
      Object.assign((await state.getAccount(at)) ?? new Account(), { nonce: BigInt(step.nonce), balance: BigInt(step.balance) }),
    )
  else if ('byte' in step) await state.putCode(at, new Uint8Array(step.byte).fill(step.byte))
  else if ('value' in step) {
    if ((await state.getAccount(at)) !== undefined) await state.putStorage(at, slots[step.slot]!, Uint8Array.of(0, step.value))
  } else if (step.kind === 'clear') {
    if ((await state.getAccount(at)) !== undefined) await state.clearStorage(at)
  } else if (step.kind === 'delete') {
    await state.clearStorage(at)
    await state.deleteAccount(at)
  }
}

async function describe(state: MerkleStateManager | MachineState) {
  const accounts = []
  for (const at of addresses) {
    const account = await state.getAccount(at)
    const values = []
    for (const slot of slots) values.push(hex(await state.getStorage(at, slot)))
    accounts.push([account?.nonce, account?.balance, hex(await state.getCode(at)), ...values])
  }
  return accounts
}

test('any sequence of changes, checkpoints and roots is that of the library', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 60 }), async (steps) => {
      const { states, settle, fresh } = openStates()
      const ours = createState(states.at(EMPTY_ROOT))
      // Without caches, each change goes into the tries at once.
      const theirs = new MerkleStateManager({ common })
      let depth = 0
      for (const step of [...steps, { kind: 'read', address: 0 }]) {
        if (step.kind === 'checkpoint') {
          depth++
          await ours.checkpoint()
          await theirs.checkpoint()
        } else if (step.kind === 'commit' || step.kind === 'revert') {
          if (depth === 0) continue
          depth--
          await ours[step.kind]()
          await theirs[step.kind]()
        } else if (step.kind === 'seal') {
          if (depth > 0) continue
          const view = await settle(ours)
          assert.equal(hex(view.root), hex(await theirs.getStateRoot()))
          for (const at of addresses) assert.deepEqual(view.account(hex(at.bytes)), fresh(view.root).account(hex(at.bytes)))
        } else {
          await apply(ours, step as Change)
          await apply(theirs, step as Change)
        }
        if (step.kind === 'read' || step.kind === 'revert') assert.deepEqual(await describe(ours), await describe(theirs))
      }
    }),
    { numRuns: 200 },
  )
})

test('views of several roots, read in turns while the state moves on, each give their own values', async () => {
  const { states, settle, fresh } = openStates()
  const state = createState(states.at(EMPTY_ROOT))
  const [at] = addresses
  const key = hex(at!.bytes)
  const roots: Uint8Array[] = []
  const held: StateView[] = []
  for (let block = 1; block <= 30; block++) {
    await state.putAccount(at!, Object.assign((await state.getAccount(at!)) ?? new Account(), { balance: BigInt(block) }))
    // Slot 1 changes with every block, slot 2 with every third, slot 0 never.
    await state.putStorage(at!, slots[1]!, Uint8Array.of(block))
    if (block % 3 === 0) await state.putStorage(at!, slots[2]!, Uint8Array.of(block))
    if (block % 10 === 0) await state.clearStorage(at!)
    const before = states.at(roots.at(-1) ?? EMPTY_ROOT)
    before.account(key)
    for (const slot of slots) before.slot(key, hex(slot))
    const view = await settle(state)
    roots.push(view.root)
    held.push(view)
    for (const [index, root] of roots.entries()) {
      const wanted = fresh(root)
      for (const got of [states.at(root), held[index]!]) {
        assert.equal(got.account(key)?.balance, BigInt(index + 1))
        for (const slot of slots) assert.deepEqual(Buffer.from(got.slot(key, hex(slot))), Buffer.from(wanted.slot(key, hex(slot))))
      }
    }
  }
})

test('a sealed state that is never adopted leaves no trace', async () => {
  const { states, settle } = openStates()
  const state = createState(states.at(EMPTY_ROOT))
  const [at] = addresses
  await state.putAccount(at!, new Account(1n, 5n))
  const view = await settle(state)
  await state.putAccount(at!, new Account(2n, 6n))
  assert.notEqual(hex(state.seal().root), hex(view.root))
  state.rebase(view)
  assert.equal((await state.getAccount(at!))?.nonce, 1n)
  assert.equal(states.at(view.root).account(hex(at!.bytes))?.nonce, 1n)
  assert.equal(hex(state.seal().root), hex(view.root))
})

test('a value given to the state may change afterwards', async () => {
  const { states, settle } = openStates()
  const state = createState(states.at(EMPTY_ROOT))
  const [at] = addresses
  const account = new Account(1n, 5n)
  await state.putAccount(at!, account)
  account.balance = 7n
  const value = Uint8Array.of(3)
  await state.putStorage(at!, slots[1]!, value)
  const code = Uint8Array.of(0xfe)
  await state.putCode(at!, code)
  value[0] = code[0] = 4
  const got = (await state.getAccount(at!))!
  got.nonce = 9n
  await settle(state)
  assert.deepEqual(await describe(state), [[1n, 5n, 'fe', '', '03', ''], ...(await describe(state)).slice(1)])
})
