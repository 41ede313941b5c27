/** Why a node cannot become operators of the artifact; the evaluation collects these and goes on. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: string
  readonly nearest: string | undefined

  constructor(problem: string, nearest?: string) {
    super(problem)
    this.problem = problem
    this.nearest = nearest
  }
}
