import { gunzipSync } from 'node:zlib'

const block = 512

/** The plain files of a .tar.gz, by their paths. */
export function untar(archive: Uint8Array): Map<string, Uint8Array> {
  const bytes = gunzipSync(archive)
  const text = (from: number, length: number) => bytes.toString('latin1', from, from + length).replace(/\0.*$/s, '')
  const files = new Map<string, Uint8Array>()
  for (let at = 0; at + block <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8)
    const prefix = text(at + 257, 5) === 'ustar' ? text(at + 345, 155) : ''
    const path = [prefix, text(at, 100)].filter((part) => part !== '').join('/')
    // A type of 0 or nothing: a plain file.
    if (['0', ''].includes(text(at + 156, 1))) files.set(path.replace(/^\.\//, ''), bytes.subarray(at + block, at + block + size))
    at += block * (1 + Math.ceil(size / block))
  }
  return files
}
