/** The package's version, as `--version` and `web3_clientVersion` tell it; a test compares it with package.json. */
export const version = '0.1.0'
