/** Data that lie in files beside the model's (TensorProto.external_data). */
import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { isAbsolute, resolve, sep } from 'node:path'
import { limits } from '../../model/types.ts'
import { malformed, type ReadExternal } from './constant.ts'

/** Reads files of the model's folder and below, nothing else: neither through `..` nor through links. */
export function externalFiles(folder: string): ReadExternal {
  const root = realpathSync(folder)
  return (location, offset, length) => {
    if (isAbsolute(location) || location.includes('\0') || /^[A-Za-z]:/.test(location) || location.split(/[\\/]/).includes('..'))
      throw malformed(`its data in "${location}" lie outside the model's folder`)
    const path = realPath(resolve(root, location), location)
    if (!path.startsWith(root + sep)) throw malformed(`its data in "${location}" lie outside the model's folder`)
    const file = openSync(path, 'r')
    try {
      const stat = fstatSync(file)
      const wanted = length ?? stat.size - offset
      if (!stat.isFile() || wanted < 0 || offset + wanted > stat.size)
        throw malformed(`its data in "${location}" end at byte ${offset + wanted}, the file has ${stat.size}`)
      // Constants of the artifact are bytes: float data of a larger model is no quantized model's.
      if (wanted > 4 * limits.artifactBytes) throw malformed(`its data in "${location}" are ${wanted} bytes long`)
      const data = new Uint8Array(wanted)
      for (let at = 0; at < wanted; ) {
        const read = readSync(file, data, at, wanted - at, offset + at)
        if (read === 0) throw malformed(`its data in "${location}" end early`)
        at += read
      }
      return data
    } finally {
      closeSync(file)
    }
  }
}

function realPath(path: string, location: string): string {
  try {
    return realpathSync(path)
  } catch {
    throw malformed(`its data lie in the file "${location}", which is not there`)
  }
}
