/**
 * The node beside anvil, hardhat and ganache: each in a process of its own, one at a time, in rounds, so that a slow spell of the machine meets all of
 * them. Medians of the rounds. The clients run in the bench's own process, on another core where there is one.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from '../measure.ts'
import { type Measure, measures } from '../node/measures.ts'
import { infernode, infernodeOnDisk, installPeers, type NodeKind, peerKinds, startPeer } from '../node/nodes.ts'
import { furnish } from '../node/work.ts'
import { machine, type Row } from '../report.ts'

const ROUNDS = 3

export async function nodePart(): Promise<Row[]> {
  installPeers()
  // Published code is what the others run too.
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('../../scripts/dist.ts', import.meta.url))], { stdio: 'inherit' })
  if (status !== 0) throw new Error('dist could not be built')
  const kinds = [infernode, infernodeOnDisk, ...peerKinds()]
  const samples = new Map(kinds.map(({ name }) => [name, measures.map((): number[] => [])]))
  for (let round = 0; round < ROUNDS; round++)
    for (const kind of kinds) {
      console.log(`round ${round + 1} of ${ROUNDS}: ${kind.name}`)
      await sample(kind, samples.get(kind.name)!)
    }
  return measures.flatMap((measure, index) => rowsOf(measure, kinds, (kind) => samples.get(kind.name)![index]!))
}

async function sample(kind: NodeKind, samples: number[][]): Promise<void> {
  const peer = await startPeer(kind)
  try {
    const place = await furnish(peer)
    for (const [index, { work, measure }] of measures.entries())
      try {
        const value = await measure(place)
        if (!Number.isNaN(value)) samples[index]!.push(value)
      } catch (error) {
        console.log(`${kind.name} fails at "${work}": ${(error as Error).message.slice(0, 200)}`)
      }
  } finally {
    await peer.stop()
  }
}

/** A work that a node cannot do has no row of it. */
function rowsOf({ work, unit }: Measure, kinds: readonly NodeKind[], samplesOf: (kind: NodeKind) => readonly number[]): Row[] {
  const isRate = unit.endsWith('/s')
  const ours = samplesOf(infernode)
  const able = kinds.filter((kind) => samplesOf(kind).length > 0)
  return able.map((kind) => {
    const value = median(samplesOf(kind))
    const ratio = ours.length === 0 ? 1 : isRate ? median(ours) / value : value / median(ours)
    return {
      part: 'node',
      work,
      subject: kind.name,
      threads: 1,
      value: Number(value.toPrecision(3)),
      unit,
      ratioToUs: Number(ratio.toPrecision(3)),
      machine: machine(),
      versions: { subject: kind.version, node: process.versions.node, v8: process.versions.v8 },
    }
  })
}
