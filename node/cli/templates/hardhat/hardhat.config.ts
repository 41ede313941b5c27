import { createRequire } from 'node:module'
import hardhatNodeTestRunner from '@nomicfoundation/hardhat-node-test-runner'
import hardhatViem from '@nomicfoundation/hardhat-viem'
import { defineConfig } from 'hardhat/config'
import { infernode } from 'infernode/hardhat'

export default defineConfig({
  plugins: [hardhatViem, hardhatNodeTestRunner, infernode],
  solidity: {
    version: '0.8.37',
    // The compiler of the npm package: nothing is downloaded.
    path: createRequire(import.meta.url).resolve('solc/soljson.js'),
  },
  // To use a node that runs already: infernode: { url: 'http://127.0.0.1:8545' }
})
