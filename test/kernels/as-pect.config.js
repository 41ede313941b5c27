/** How as-pect runs the kernels' tests: each spec is compiled with the kernels into a module of its own. */
export default {
  entries: ['test/kernels/**/*.spec.ts'],
  include: [],
  disclude: [/node_modules/],
  instantiate: (memory, createImports, instantiate, binary) => instantiate(binary, createImports({ env: { memory } })),
  outputBinary: false,
}
