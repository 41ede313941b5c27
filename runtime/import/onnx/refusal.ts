/** Why a node cannot become operators of the artifact; the evaluation collects these and goes on. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: string
  readonly nearest: string | undefined
  /** The node to blame, where it is not the one being evaluated. */
  node: string | undefined
  /** Whether another memory order of a model input could help. */
  readonly layout: boolean

  constructor(problem: string, nearest?: string, layout = false) {
    super(problem)
    this.problem = problem
    this.nearest = nearest
    this.layout = layout
  }
}

export function layoutRefusal(problem: string): Refusal {
  return new Refusal(problem, 'the same graph without that change of order (the artifact has no transpose)', true)
}
