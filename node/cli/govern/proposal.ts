/** What a proposal does, from the options of `infernode govern propose`. */
import { encodeFunctionData, type Hex, isAddress, type PublicClient, zeroAddress } from 'viem'
import { addresses } from '../../../precompiles/addresses.ts'
import { priceNames } from '../../../precompiles/gas.ts'
import { loadContract } from '../../contracts.ts'
import { UsageError } from '../errors.ts'

export interface ProposalOptions {
  /** `NAME=MODEL` */
  upgrade?: string[]
  /** `PRICE=MILLIGAS` */
  price?: string[]
  /** `MODEL=open`, `allowlist`, `roles:AUTHORITY:ROLE`, `policy:AUTHORITY` */
  access?: string[]
  /** `MODEL=ACCOUNT,…` */
  allow?: string[]
  disallow?: string[]
  retire?: string[]
}

/** One call that the timelock is to make. */
export interface ProposedCall {
  target: Hex
  contract: string
  functionName: string
  args: readonly unknown[]
  data: Hex
  /** For people. */
  says: string
}

/**
 * The calls in the order: prices, upgrades, access, allowlists, retirements.
 * @throws UsageError for an option that is not understood, or none at all
 */
export async function proposedCalls(options: ProposalOptions, reader: PublicClient): Promise<ProposedCall[]> {
  const { upgrade = [], price = [], access = [], allow = [], disallow = [], retire = [] } = options
  const calls = [
    ...(price.length === 0 ? [] : [await priceCall(price, reader)]),
    ...upgrade.map((text) => {
      const [name, model] = pair('--upgrade', text)
      return callOf('ModelNames', 'upgrade', [name, modelOf('--upgrade', model)], `upgrade ${name} to ${model}`)
    }),
    ...access.map((text) => {
      const [model, rule] = pair('--access', text)
      return callOf('ModelAccess', 'setRule', [modelOf('--access', model), ruleOf(rule)], `make the access of ${model} ${rule}`)
    }),
    ...allow.map((text) => allowCall('--allow', text, true)),
    ...disallow.map((text) => allowCall('--disallow', text, false)),
    ...retire.map((model) => callOf('ModelRegistry', 'retire', [modelOf('--retire', model)], `retire ${model}`)),
  ]
  if (calls.length === 0)
    throw new UsageError('the proposal does nothing: give --upgrade, --price, --access, --allow, --disallow or --retire')
  return calls
}

const targets: Record<string, Hex> = {
  GasSchedule: addresses.gasSchedule,
  ModelNames: addresses.modelNames,
  ModelAccess: addresses.modelAccess,
  ModelRegistry: addresses.modelRegistry,
}

function callOf(contract: keyof typeof targets, functionName: string, args: readonly unknown[], says: string): ProposedCall {
  const data = encodeFunctionData({ abi: loadContract(contract).abi, functionName, args: [...args] })
  return { target: targets[contract] as Hex, contract, functionName, args, data, says }
}

/** One change for all prices named: the others stay as they are. */
async function priceCall(texts: readonly string[], reader: PublicClient): Promise<ProposedCall> {
  const { abi } = loadContract('GasSchedule')
  const prices = [...((await reader.readContract({ address: addresses.gasSchedule, abi, functionName: 'prices' })) as readonly number[])]
  for (const text of texts) {
    const [name, value] = pair('--price', text)
    const slot = (priceNames as readonly string[]).indexOf(name)
    if (slot < 0) throw new UsageError(`--price ${text}: got the name ${name}, wanted one of ${priceNames.join(', ')}`)
    if (!/^\d{1,10}$/.test(value) || Number(value) >= 2 ** 32)
      throw new UsageError(`--price ${text}: got ${value}, wanted milli-gas from 0 to 2^32 - 1`)
    prices[slot] = Number(value)
  }
  return callOf('GasSchedule', 'setPrices', [prices], `set prices: ${texts.join(', ')}`)
}

function allowCall(option: string, text: string, allowed: boolean): ProposedCall {
  const [model, list] = pair(option, text)
  const accounts = list.split(',').map((account) => addressOf(option, account))
  const says = `${allowed ? 'allow' : 'disallow'} ${accounts.join(', ')} on ${model}`
  return callOf('ModelAccess', 'setAllowed', [modelOf(option, model), accounts, allowed], says)
}

function ruleOf(text: string) {
  const [mode, authority, role] = text.split(':')
  const rule = { mode: 0, authority: zeroAddress, role: 0n, quotaCalls: 0, quotaSeconds: 0, receiver: zeroAddress }
  if (mode === 'open' && authority === undefined) return rule
  if (mode === 'allowlist' && authority === undefined) return { ...rule, mode: 1 }
  if (mode === 'roles' && authority !== undefined && role !== undefined && /^\d{1,19}$/.test(role))
    return { ...rule, mode: 2, authority: addressOf('--access', authority), role: BigInt(role) }
  if (mode === 'policy' && authority !== undefined && role === undefined)
    return { ...rule, mode: 3, authority: addressOf('--access', authority) }
  throw new UsageError(`--access: got ${text}, wanted open, allowlist, roles:AUTHORITY:ROLE or policy:AUTHORITY`)
}

function pair(option: string, text: string): [string, string] {
  const at = text.indexOf('=')
  if (at <= 0 || at === text.length - 1) throw new UsageError(`${option}: got ${text}, wanted two parts with = between them`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function modelOf(option: string, text: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new UsageError(`${option}: got ${text}, wanted a model's id: 0x and 64 hex digits`)
  return text as Hex
}

function addressOf(option: string, text: string): Hex {
  if (!isAddress(text, { strict: false })) throw new UsageError(`${option}: got ${text}, wanted an address`)
  return text
}
