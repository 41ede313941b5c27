/** `infernode stamp`: works for a transaction's gas, where a node's free allowance is spent. */
import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'

interface StampFlags {
  readonly from: string
  readonly nonce: string
  readonly gas: string
  readonly difficulty: string
  readonly json?: true
}

export function addStampCommand(program: Command, io: Io): void {
  program
    .command('stamp')
    .description('search for a gas price whose proof of work pays for a transaction (docs/free-gas.md)')
    .requiredOption('--from <address>', 'sender of the transaction')
    .requiredOption('--nonce <number>', 'nonce of the transaction')
    .requiredOption('--gas <gas>', 'gas limit of the transaction')
    .option('--difficulty <hashes>', 'hashes for one gas, as the node is configured', '1')
    .option('--json', 'print JSON')
    .action(async (flags: StampFlags) => {
      const stamp = readStamp(flags)
      const { findStamp } = await import('../../admission/proof-of-work.ts')
      const start = performance.now()
      const { price, tries } = findStamp(stamp, randomBytes(8).readBigUint64BE())
      const seconds = (performance.now() - start) / 1000
      if (flags.json) io.out(JSON.stringify({ gasPrice: price.toString(), gas: stamp.gas.toString(), tries, seconds }))
      else io.out([`gas price  ${price}`, `tries      ${tries} in ${seconds.toFixed(1)} s`].join('\n'))
    })
}

function readStamp({ from, nonce, gas, difficulty }: StampFlags) {
  if (!/^0x[0-9a-fA-F]{40}$/.test(from)) throw new UsageError(`--from: got ${JSON.stringify(from)}, wanted an address`)
  const sender = from.toLowerCase() as `0x${string}`
  return { sender, nonce: whole('--nonce', nonce), gas: whole('--gas', gas), difficulty: whole('--difficulty', difficulty) }
}

function whole(name: string, text: string): bigint {
  if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(text)) throw new UsageError(`${name}: got ${JSON.stringify(text)}, wanted a whole number`)
  return BigInt(text)
}
