import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { network } from 'hardhat'
import { bytesToHex } from 'viem'

/** The digits 0 to 9 in order, 28 × 28 bytes each. */
const pictures = readFileSync('models/pictures.bin')
const picture = (digit: number) => bytesToHex(pictures.subarray(784 * digit, 784 * (digit + 1)))

describe('Scoreboard', async () => {
  // A chain of its own, in memory.
  const { viem, infernode } = await network.create('infernode')
  const { id } = await infernode.deployModel('models/digits.tflite')
  const [player] = await viem.getWalletClients()
  const scoreboard = await viem.deployContract('Scoreboard', [id])

  it('reads every digit', async () => {
    for (let digit = 0; digit < 10; digit++) assert.equal(await scoreboard.read.read([picture(digit)]), BigInt(digit))
  })

  it('adds the points of what was handed in', async () => {
    await scoreboard.write.handIn([picture(7)])
    await scoreboard.write.handIn([picture(5)])
    assert.equal(await scoreboard.read.points([player.account.address]), 12n)
  })

  it('refuses what it cannot read', async () => {
    await assert.rejects(scoreboard.read.read([`0x${'00'.repeat(784)}`]), /Illegible/)
  })

  it('gives the bytes that the model gives without a contract', async () => {
    const input = pictures.subarray(0, 784)
    const scores = new Int8Array(await infernode.runModel({ id, input }))
    assert.equal(scores.indexOf(Math.max(...scores)), 0)
  })
})
