/** Configuration of what a node lets in. None of it is consensus: nodes of one chain may differ, and blocks know nothing of it. */

import { z } from 'zod'

interface Parts {
  address: z.ZodType<`0x${string}`>
  quantity: z.ZodType<bigint>
  wholeNumber: z.ZodType<number>
}

/** The key `admission` of a node's configuration. The defaults are for development: nothing is bounded that a test could run into. */
export const admissionSchema = ({ address, quantity, wholeNumber }: Parts) =>
  z
    .strictObject({
      /** Free gas is granted by windows of so many seconds. */
      windowSeconds: wholeNumber.refine((seconds) => seconds > 0, 'at least one second').default(3600),
      /** Gas that any sender has free in a window; absent: as much as it likes. */
      gasPerWindow: quantity.optional(),
      /** Senders with another allowance, by address. */
      budgets: z.record(address, quantity).default({}),
      /** Contracts whose dApp pays for the calls to them, as far as its budget goes. */
      sponsors: z.array(z.strictObject({ contracts: z.array(address).min(1), gasPerWindow: quantity })).default([]),
      /** Hashes that a sender must try, on average, for one gas beyond its allowance; 0 takes no proof of work. */
      proofOfWorkDifficulty: quantity.default(1n),
      /** Who may send transactions that create contracts; absent: anybody. */
      deployers: z.array(address).optional(),
      /** Transactions of one sender that may wait. */
      maxWaitingPerSender: wholeNumber.default(100_000),
      /** Gas of a call, an estimate or a trace; absent: that of a block. */
      callGas: quantity.optional(),
      /** Time of a call, an estimate or a trace; 0: no bound. */
      callTimeoutMs: wholeNumber.default(120_000),
      /** Requests that one client address may make in a second, on average; absent: as many as it likes. */
      requestsPerSecond: wholeNumber.refine((count) => count > 0, 'at least one request').optional(),
      /** Requests that it may make at once after a pause; absent: those of ten seconds. */
      requestBurst: wholeNumber.optional(),
      /** Entries of a batch. geth takes 1000; scripts that send whole collections at once want more. */
      maxBatchEntries: wholeNumber.default(10_000),
      /** Length of a request. */
      maxRequestBytes: wholeNumber.default(32 * 1024 * 1024),
    })
    .prefault({})

export type AdmissionConfig = z.output<ReturnType<typeof admissionSchema>>
