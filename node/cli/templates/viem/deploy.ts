/** node deploy.ts [URL]: brings the model and the contract to a chain. */
import { readFileSync } from 'node:fs'
import { inferActions } from 'infernode/viem'
import { type Address, createWalletClient, http, publicActions } from 'viem'
import { compile } from './compile.ts'

export async function deploy(url: string) {
  // The node holds accounts and signs for them; an account of viem's works as well, and needs no funds.
  const [account] = await createWalletClient({ transport: http(url) }).getAddresses()
  const client = createWalletClient({ account, transport: http(url), pollingInterval: 50 })
    .extend(publicActions)
    .extend(inferActions())

  const { id } = await client.deployModel({ model: readFileSync(new URL('models/digits.tflite', import.meta.url)), metadata: 'digits' })
  const { abi, bytecode } = compile('Scoreboard')
  const hash = await client.deployContract({ abi, bytecode, args: [id], chain: null })
  const { contractAddress } = await client.waitForTransactionReceipt({ hash })
  return { client, id, abi, address: contractAddress as Address }
}

if (import.meta.main) {
  const { id, address } = await deploy(process.argv[2] ?? 'http://127.0.0.1:8545')
  console.log(`model       ${id}\nScoreboard  ${address}`)
}
