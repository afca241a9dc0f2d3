import assert from 'node:assert/strict'

import * as fc from 'fast-check'
import { suite } from 'uvu'

import { encodeValue } from '../../src/codec.ts'
import { FramePacker } from '../../src/redis/frame-packer.ts'
import { valueSpans } from '../../src/redis/value-spans.ts'

const test = suite('Frames')

const anyValue = fc.anything({
  withDate: true,
  values: [
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  ],
})

/** What lua/lib/frame.lua does. */
function unpack([frames = Buffer.alloc(0), ...long]: Buffer[]): Buffer[] {
  const values: Buffer[] = []
  let rest = frames
  while (rest.length > 0) {
    const length = rest[0] === 255 ? 0 : (rest[0] as number)
    values.push(rest[0] === 255 ? (long.shift() as Buffer) : rest.subarray(1, 1 + length))
    rest = rest.subarray(1 + length)
  }
  assert.deepEqual(long, [])
  return values
}

test('the span of each value of a map holds what the value is by itself', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 40 }), anyValue), (fields) => {
      const stored = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== '__proto__'))
      const map = encodeValue(stored)
      const spans = valueSpans(map)
      const values = Object.values(stored)
      assert.equal(spans.length, values.length * 2)
      for (const [index, value] of values.entries())
        assert.deepEqual(map.subarray(spans[index * 2], spans[index * 2 + 1]), encodeValue(value))
    }),
  )
})

test('a map of 70,000 fields, and values of 70,000 items or bytes, have their spans too', () => {
  const many = Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`field ${index}`, index]))
  const text = 'x'.repeat(70_000)
  for (const fields of [
    many,
    { list: Array.from({ length: 70_000 }, () => 1), last: 1 },
    { text, last: 1 },
    { many },
  ]) {
    const map = encodeValue(fields)
    assert.deepEqual(valueSpans(map).slice(-1), [map.length])
    assert.equal(valueSpans(map).length, Object.keys(fields).length * 2)
  }
})

test('texts and bytes of any length come out as they were packed', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ minLength: 70, maxLength: 600 }))
  const bytes = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array))
  fc.assert(
    fc.property(fc.array(fc.oneof(text, bytes)), (values) => {
      const packer = new FramePacker()
      for (const value of values)
        if (typeof value === 'string') packer.pushText(value)
        else if (value.length === 0) packer.pushEmpty()
        else packer.pushBytes(value)
      assert.deepEqual(
        unpack(packer.finish()),
        values.map((value) => Buffer.from(value as string)),
      )
    }),
  )
})

test.run()
