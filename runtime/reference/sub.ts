import { addSigned } from './add.ts'
import type { Invocation } from './tensor.ts'

export function sub(invocation: Invocation): void {
  addSigned(invocation, -1)
}
