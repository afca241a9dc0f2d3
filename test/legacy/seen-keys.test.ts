import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { SeenKeys } from '../../src/legacy/seen-keys.ts'

const test = suite('the keys that have come by')

test('each key is new once, among very many', () => {
  const seen = new SeenKeys()
  for (let number = 0; number < 100_000; number++) assert.ok(seen.add(`job:${number}`))
  for (let number = 0; number < 100_000; number++) assert.ok(!seen.add(`job:${number}`))
  assert.ok(seen.add('job:100000'))
})

test('keys that differ in one character are two', () => {
  const seen = new SeenKeys()
  for (const key of ['', ' ', 'a', 'A', 'é', 'e\u0301', 'x'.repeat(100_000)]) assert.ok(seen.add(key), key.slice(0, 9))
})

test.run()
