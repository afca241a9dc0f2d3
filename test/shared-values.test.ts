import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { copyStorable } from '../src/core/value.ts'

const test = suite('Values that share others')

/** A chain in which each level has the one below it twice. */
function chainOf(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = { left: value, right: value }
  return value
}

test('are copied as often as they stand there', () => {
  const chain = chainOf(10)
  assert.deepEqual(copyStorable(chain, 'data'), chain)
})

test('are refused, and not copied for ever, where they come to more than any event can hold', () => {
  assert.throws(() => copyStorable(chainOf(60), 'data'), { code: 'INVALID_JOB' })
})

test.run()
