/** What a multiply-add costs in plain Solidity, measured by running contracts/bench/SolidityMatmul.sol. */
import type { Hex } from 'viem'
import { encodeFunctionData } from 'viem/utils'
import { loadContract } from '../../contracts.ts'
import type { ChainClients } from '../clients.ts'
import { deployContract } from './contract.ts'

/** Two products of the same operand bytes, so that calldata costs the same and drops out of the difference. */
const small = { rows: 8n, depth: 128n, columns: 8n }
const large = { rows: 32n, depth: 32n, columns: 32n }

/** Gas for one int8 multiply-add. */
export async function solidityGasPerMac(clients: ChainClients): Promise<number> {
  const { abi } = loadContract('SolidityMatmul')
  const { address } = await deployContract(clients, 'SolidityMatmul', [])
  const operand = `0x${Buffer.from(Uint8Array.from({ length: 1024 }, (_, i) => 1 + ((i * 37) % 255))).toString('hex')}` as Hex
  const gasOf = async ({ rows, depth, columns }: typeof small) => {
    const data = encodeFunctionData({ abi, functionName: 'matmul', args: [operand, operand, rows, depth, columns] })
    const request = { method: 'debug_traceCall', params: [{ to: address, data }, 'latest', { tracer: 'callTracer' }] }
    const frame = (await clients.reader.request(request as never)) as { gasUsed: Hex }
    return BigInt(frame.gasUsed)
  }
  const macs = ({ rows, depth, columns }: typeof small) => rows * depth * columns
  const [gasSmall, gasLarge] = [await gasOf(small), await gasOf(large)]
  return Number(gasLarge - gasSmall) / Number(macs(large) - macs(small))
}
