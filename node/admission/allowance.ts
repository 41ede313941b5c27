/** Gas budgets by windows of time: what a transaction may use is set aside when it is let in, and what it did not use is given back. */

type Hex = `0x${string}`

export interface Allowances {
  /** Sets gas aside in a payer's budget, instead of that of a transaction that is replaced; false where not so much is left of it. */
  reserve(payer: string, budget: bigint, hash: Hex, gas: bigint, replaced?: Hex): boolean
  /** What is left of a budget in this window. */
  left(payer: string, budget: bigint): bigint
  /** The transaction has run and used so much gas; 0 when it has gone without running. */
  settle(hash: Hex, gasUsed: bigint): void
  secondsToNextWindow(): number
}

interface Account {
  window: number
  /** Used in this window by what has run. */
  used: bigint
  reserved: bigint
}

interface Reservation {
  payer: string
  gas: bigint
}

/** Accounts without reservations are forgotten when their window is over, at the latest when there are so many. */
const MANY_ACCOUNTS = 100_000

/**
 * @param now seconds, any origin
 * @param isWaiting whether a transaction may still run: what is set aside for others is given back
 */
export function createAllowances(windowSeconds: number, now: () => number, isWaiting: (hash: Hex) => boolean): Allowances {
  const accounts = new Map<string, Account>()
  const reservations = new Map<Hex, Reservation>()
  const currentWindow = () => Math.floor(now() / windowSeconds)

  const accountOf = (payer: string): Account => {
    const window = currentWindow()
    const known = accounts.get(payer)
    if (known !== undefined && known.window === window) return known
    const account = { window, used: 0n, reserved: known?.reserved ?? 0n }
    if (accounts.size >= MANY_ACCOUNTS) forgetOld(window)
    accounts.set(payer, account)
    return account
  }
  const forgetOld = (window: number): void => {
    for (const [payer, account] of accounts) if (account.window < window && account.reserved === 0n) accounts.delete(payer)
  }
  const settle = (hash: Hex, gasUsed: bigint): void => {
    const reservation = reservations.get(hash)
    if (reservation === undefined) return
    reservations.delete(hash)
    const account = accountOf(reservation.payer)
    account.reserved -= reservation.gas
    account.used += gasUsed
  }
  const releaseGone = (payer: string, except: Hex | undefined): void => {
    for (const [hash, reservation] of reservations) if (reservation.payer === payer && hash !== except && !isWaiting(hash)) settle(hash, 0n)
  }
  const left = (payer: string, budget: bigint): bigint => {
    const { used, reserved } = accountOf(payer)
    return budget > used + reserved ? budget - used - reserved : 0n
  }

  return {
    settle,
    left,
    reserve(payer, budget, hash, gas, replaced) {
      const old = replaced === undefined ? undefined : reservations.get(replaced)
      const wanted = old?.payer === payer ? gas - old.gas : gas
      if (left(payer, budget) < wanted) releaseGone(payer, replaced)
      if (left(payer, budget) < wanted) return false
      if (replaced !== undefined) settle(replaced, 0n)
      accountOf(payer).reserved += gas
      reservations.set(hash, { payer, gas })
      return true
    },
    secondsToNextWindow: () => Math.ceil((currentWindow() + 1) * windowSeconds - now()),
  }
}
