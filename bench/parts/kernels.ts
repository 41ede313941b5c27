import { gemm } from '../kernels/gemm.ts'
import { conv, depthwise, gemv } from '../kernels/layers.ts'
import { sample } from '../measure.ts'
import { type Row, rowsOf } from '../report.ts'
import { closePeers, infernode, infernodeInPlace, peersInPlace, preparedPeers } from '../subjects.ts'

const benches = () => [
  ...gemm(256),
  ...gemm(512),
  gemv(1024, 1024),
  gemv(4096, 4096),
  conv(32, 16, 32, 3),
  conv(16, 128, 128, 3),
  conv(16, 64, 64, 1),
  depthwise(48, 64),
]

/**
 * The kernels through the module's own interface, in mode fp32, which is the peers'. First with the input copied in and the answer out, as every peer can;
 * then in place, where the kernel is all that is timed.
 */
export async function kernels(): Promise<Row[]> {
  const rows: Row[] = []
  for (const { work, macs, artifact, input, peers } of benches()) {
    const others = await preparedPeers(peers)
    const copied = await sample([infernode(artifact, input), ...others])
    const inPlace = [infernodeInPlace(artifact, input), infernodeInPlace(artifact, input, 'infernode.scalar.wasm'), ...peersInPlace(others)]
    rows.push(...rowsOf('kernels', work, copied, macs), ...rowsOf('kernels in place', work, await sample(inPlace), macs))
    await closePeers(others)
  }
  return rows
}
