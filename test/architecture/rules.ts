/** The import rules of docs/architecture.md, as functions from the source files to what breaks them. */
import type { SourceFile } from './source-files.ts'

export type Rule = {
  name: string
  /** One line for each violation. */
  violations: (files: SourceFile[], packages: Set<string>) => string[]
}

/** Which folders the files of a folder may import beside their own; the longest name that fits a file decides. */
const mayImport: Record<string, string[]> = {
  assembly: [],
  runtime: [],
  precompiles: ['runtime'],
  node: ['precompiles', 'runtime'],
  contracts: [],
  examples: [],
  scripts: ['runtime', 'precompiles', 'node'],
  bench: ['runtime', 'precompiles', 'node', 'scripts'],
  test: ['runtime', 'precompiles', 'node', 'scripts', 'examples'],
  'test/bench': ['test', 'bench', 'precompiles', 'runtime', 'scripts'],
  'test/kernels': ['assembly'],
}

/** Files outside the source folders, or of another kind than source, that a folder may import all the same. */
const mayImportFile: Record<string, string[]> = {
  runtime: ['assembly/modules.json'],
  node: ['build/contracts.json', 'assembly/modules.json', 'package.json'],
  bench: ['build/contracts.json', 'assembly/modules.json', 'package.json'],
  scripts: ['assembly/modules.json', 'package.json'],
  test: ['build/contracts.json', 'assembly/modules.json', 'package.json'],
}

/** The folders whose code reaches users through the package. */
const published = new Set(['assembly', 'runtime', 'precompiles', 'node'])

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const isBuiltin = (specifier: string) => specifier.startsWith('node:')

export const rules: Rule[] = [
  {
    name: 'a folder imports only the folders below it',
    violations: (files) =>
      files.flatMap(({ path, folder, imports }) =>
        imports
          .filter(({ file }) => file !== undefined && !isAllowed(path, folder, file))
          .map(
            ({ file }) =>
              `${path} imports ${file}: ${areaOf(path)} may import ${mayImport[areaOf(path)]?.join(', ') || 'nothing but itself'}`,
          ),
      ),
  },
  {
    name: 'ethereumjs packages are imported only by precompiles/ethereumjs.ts and node',
    violations: (files) =>
      files
        .filter(({ path, folder }) => published.has(folder) && folder !== 'node' && path !== 'precompiles/ethereumjs.ts')
        .flatMap(({ path, imports }) =>
          imports.filter(({ specifier }) => specifier.startsWith('@ethereumjs/')).map(({ specifier }) => `${path} imports ${specifier}`),
        ),
  },
  {
    name: 'published code imports only the packages that are installed with it',
    violations: (files, packages) =>
      files
        .filter(({ folder }) => published.has(folder))
        .flatMap(({ path, folder, imports }) =>
          imports
            .filter(({ specifier, file }) => file === undefined && !isBuiltin(specifier))
            .filter(({ specifier }) => folder === 'assembly' || !packages.has(packageOf(specifier)))
            .map(({ specifier }) => `${path} imports ${specifier}, which is not among the dependencies`),
        ),
  },
  { name: 'imports make no circle', violations: (files) => circles(files).map((circle) => circle.join(' → ')) },
  {
    name: 'process.env is read only in node/config.ts',
    violations: (files) =>
      files
        .filter(({ path, folder, readsEnvironment }) => published.has(folder) && readsEnvironment && path !== 'node/config.ts')
        .map(({ path }) => `${path} reads the environment`),
  },
  {
    name: 'nothing is exported by default',
    violations: (files) =>
      files
        .filter(({ path, exportsDefault }) => exportsDefault && !/(\.config\.m?[jt]s|\.d\.ts)$/.test(path))
        .map(({ path }) => `${path} has a default export`),
  },
]

/** The entry of `mayImport` that a file falls under. */
function areaOf(path: string): string {
  const fitting = Object.keys(mayImport).filter((area) => path.startsWith(`${area}/`))
  return fitting.reduce((longest, area) => (area.length > longest.length ? area : longest), '')
}

function isAllowed(path: string, folder: string, file: string): boolean {
  const target = file.split('/')[0] ?? ''
  const area = areaOf(path)
  return (
    target === area ||
    areaOf(file) === area ||
    (mayImport[area]?.includes(target) ?? false) ||
    (mayImportFile[folder]?.includes(file) ?? false)
  )
}

/** Each circle of imports once, as the files along it with the first repeated at its end. */
function circles(files: SourceFile[]): string[][] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const found: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const onPath = new Set<string>()
  const visit = (name: string) => {
    if (onPath.has(name)) found.push([...path.slice(path.indexOf(name)), name])
    if (done.has(name) || onPath.has(name)) return
    path.push(name)
    onPath.add(name)
    for (const { file } of byPath.get(name)?.imports ?? []) if (file !== undefined) visit(file)
    path.pop()
    onPath.delete(name)
    done.add(name)
  }
  for (const { path } of files) visit(path)
  return found
}
