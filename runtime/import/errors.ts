/**
 * What an importer refuses.
 *   malformed    the file cannot be read as what it claims to be
 *   unsupported  the file is sound, but some of its nodes have no integer form here; `problems` lists all of them
 *   rounding     the rounding mode cannot express the model
 */
export type ImportErrorCode = 'malformed' | 'unsupported' | 'rounding'

/** One reason why a node cannot be lowered. `nearest`: the supported form closest to it, where there is one. */
export type Problem = { readonly node: string; readonly problem: string; readonly nearest?: string }

/** A file that cannot become a model artifact. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
  readonly code: ImportErrorCode
  readonly problems: readonly Problem[]

  constructor(code: ImportErrorCode, message: string, problems: readonly Problem[] = []) {
    super(problems.length === 0 ? message : [message, ...problems.map(problemLine)].join('\n'))
    this.code = code
    this.problems = problems
  }
}

/** Converters name a node after all the layers that they fused into it; the first ones are enough to find it. */
const longestName = 80

function problemLine({ node, problem, nearest }: Problem): string {
  const name = node.length > longestName ? `${node.slice(0, longestName)}…` : node
  return `  ${name}: ${problem}${nearest === undefined ? '' : `; nearest supported form: ${nearest}`}`
}
