/** The package's version, as `--version` and `web3_clientVersion` tell it; a test compares it with package.json. */
export const version = '0.1.0'

/** As `web3_clientVersion` tells it: name, version, platform, engine. */
export const clientVersion = `Infernode/${version}/${process.platform}-${process.arch}/node${process.versions.node}`
