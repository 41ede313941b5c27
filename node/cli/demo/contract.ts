import { InferError } from '../../client/errors.ts'
import { loadContract } from '../../contracts.ts'
import type { ChainClients } from '../clients.ts'

type Hex = `0x${string}`

/** Deploys a contract of the package and waits for it. */
export async function deployContract(
  { reader, writer }: ChainClients,
  name: string,
  args: unknown[],
): Promise<{ address: Hex; gasUsed: bigint }> {
  const { abi, bytecode } = loadContract(name)
  const hash = await writer.deployContract({ abi, bytecode, args, chain: writer.chain, account: writer.account })
  const { contractAddress, gasUsed, status } = await reader.waitForTransactionReceipt({ hash })
  if (status !== 'success' || !contractAddress) throw new InferError('REVERTED', `the constructor of ${name} reverted`)
  return { address: contractAddress, gasUsed }
}
