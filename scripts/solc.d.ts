/** The one function of solc's package that the project uses: standard JSON in, standard JSON out. */
declare module 'solc' {
  type ReadCallback = (path: string) => { contents: string } | { error: string }
  const solc: { compile(input: string, callbacks?: { import: ReadCallback }): string }
  export default solc
}
