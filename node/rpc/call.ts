/** What a call's end means to the caller: its output, or an error in the words that geth uses. */

import { revertMessage } from '../chain/revert.ts'
import type { CallResult } from '../chain/types.ts'
import { RpcError } from './errors.ts'
import { toHex } from './hex.ts'

/** The output of a call that succeeded. Otherwise throws: code 3 with the revert data, or -32000. */
export function unwrap({ output, error }: CallResult): Uint8Array {
  if (error === undefined) return output
  if (error === 'revert') throw new RpcError('revert', revertMessage(output), toHex(output))
  throw new RpcError('server', error)
}
