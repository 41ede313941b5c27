import { test } from 'node:test'
import { randomAddition, randomAddition16 } from './addition.ts'
import { fuzz, roundings } from './fuzz.ts'

for (const rounding of roundings) {
  test(`add in ${rounding}: both builds give the reference's bytes`, () => fuzz(200, (dice) => randomAddition('add', dice, rounding)))
  test(`add of int16 in ${rounding}: both builds give the reference's bytes`, () =>
    fuzz(150, (dice) => randomAddition16('add', dice, rounding)))
}
