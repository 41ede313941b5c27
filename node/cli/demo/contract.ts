import { loadContract } from '../../contracts.ts'
import { type DeployClients, DeployError } from '../deploy.ts'

type Hex = `0x${string}`

/** Deploys a contract of the package and waits for it. */
export async function deployContract(
  { reader, writer }: DeployClients,
  name: string,
  args: unknown[],
): Promise<{ address: Hex; gasUsed: bigint }> {
  const { abi, bytecode } = loadContract(name)
  const hash = await writer.deployContract({ abi, bytecode, args, chain: writer.chain, account: writer.account })
  const { contractAddress, gasUsed, status } = await reader.waitForTransactionReceipt({ hash })
  if (status !== 'success' || !contractAddress) throw new DeployError('DEPLOY_REVERTED', `the constructor of ${name} reverted`)
  return { address: contractAddress, gasUsed }
}
