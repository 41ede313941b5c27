import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { pictureModels, quantizePictures, sharedModels } from '../suites/quantization-table.ts'

/** Trained on MNIST: the same class as the float model for 99 of 100 pictures and more. */
for (const one of pictureModels.filter(({ note }) => !note.includes('never trained')))
  test(`${one.file}: the quantized model's classes are the float model's`, {
    skip: existsSync(sharedModels) ? false : `no ${sharedModels}`,
  }, async () => {
    const { report } = await quantizePictures(one, 100)
    const [output] = report.outputs
    assert.ok(output!.top1! >= 0.99 && output!.sqnr > 35, JSON.stringify(output))
    assert.ok(output!.accuracy!.float > 0.95 && output!.accuracy!.quantized > 0.95, JSON.stringify(output!.accuracy))
  })
