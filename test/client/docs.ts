/** The code of the pages for contract authors: what is shown, and where it comes from. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Template, templates } from '../../node/cli/init.ts'

const docs = join(import.meta.dirname, '../../docs')

/** ```language file … ``` */
export interface CodeBlock {
  language: string
  /** The project's file that the block is an excerpt of. */
  file: string | undefined
  text: string
}

export const pages: readonly { template: Template; path: string }[] = templates.map((template) => ({
  template,
  path: join(docs, `using-with-${template}.md`),
}))

export function codeBlocks(path: string): CodeBlock[] {
  return [...readFileSync(path, 'utf8').matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(([, language = '', file, text = '']) => ({
    language,
    file,
    text,
  }))
}
