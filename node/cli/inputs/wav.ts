import wavefile from 'wavefile'
import { integersToBytes, portElements, portText, realsToBytes, type TensorPort } from '../../client/tensors.ts'
import { InputFileError } from './errors.ts'

/** Sound for an input that takes raw samples: the first channel; int16 inputs take 16-bit samples as they are, others quantize samples in −1…1. */
export function readWav(file: Uint8Array, port: TensorPort, name: string): Uint8Array {
  let samples: ArrayLike<number>
  try {
    const wav = new wavefile.WaveFile(file)
    wav.toBitDepth(port.type === 'int16' ? '16' : '32f')
    const channels = wav.getSamples(false) as unknown as ArrayLike<number> | ArrayLike<number>[]
    samples = typeof channels[0] === 'number' ? (channels as ArrayLike<number>) : (channels[0] as ArrayLike<number>)
  } catch (cause) {
    throw new InputFileError('INPUT_FORMAT', `${name}: not a readable WAV (${(cause as Error).message})`, { cause })
  }
  if (samples.length % portElements(port) !== 0)
    throw new InputFileError(
      'INPUT_LENGTH',
      `${name}: ${samples.length} samples do not fill the model's input ${portText(port)}; a model that takes features (a spectrogram, MFCCs) wants those, as .npy or .bin`,
    )
  return port.type === 'int16' ? integersToBytes(samples, port) : realsToBytes(samples, port)
}
