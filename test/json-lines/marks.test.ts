import * as assert from 'node:assert/strict'

import * as fc from 'fast-check'
import { suite } from 'uvu'

import { InvalidJobError } from '../../src/core/errors.ts'
import { mark, unmark } from '../../src/json-lines/marks.ts'
import { nested, STORABLE, STRANGE_NAMES } from '../contract/storable.ts'
import { storable } from './support/values.ts'

const test = suite('values in marked JSON')

function throughJson(value: unknown): unknown {
  return unmark(JSON.parse(JSON.stringify(mark(value, 'data'))), 'data')
}

test('every value that a store keeps comes back equal', () => {
  fc.assert(
    fc.property(storable, (value) => assert.deepStrictEqual(throughJson(value), value)),
    { numRuns: 2000 },
  )
})

test('what comes back is written in the same bytes again', () => {
  fc.assert(
    fc.property(storable, (value) => {
      const text = JSON.stringify(mark(value, 'data'))
      assert.equal(JSON.stringify(mark(unmark(JSON.parse(text), 'data'), 'data')), text)
    }),
  )
})

for (const [name, value] of STORABLE)
  test(`${name}: come back equal`, () => assert.deepStrictEqual(throughJson({ value: [value] }), { value: [value] }))

test('names like marks are told from marks, how often ever they were written', () => {
  for (const name of ['$date', '$$date', '$$$date', '$', '$$', '$bytes', '$other', ...STRANGE_NAMES]) {
    const value = { [name]: '2024-01-01T00:00:00.000Z', in: [{ [name]: { [name]: new Date(0) } }] }
    assert.deepStrictEqual(throughJson(value), value)
    assert.deepStrictEqual(throughJson(mark(value, 'data')), mark(value, 'data'))
  }
})

test('marks look as documented', () => {
  const value = [new Date(0), Buffer.from([0, 255]), 5n, Number.NaN, Infinity, -Infinity, -0, { $date: 1, $$: 2 }]
  assert.deepStrictEqual(mark(value, 'data'), [
    { $date: '1970-01-01T00:00:00.000Z' },
    { $bytes: 'AP8=' },
    { $bigint: '5' },
    { $number: 'NaN' },
    { $number: 'Infinity' },
    { $number: '-Infinity' },
    { $number: '-0' },
    { $$date: 1, $$$: 2 },
  ])
})

const NOT_STORABLE = [undefined, () => 1, Symbol('x'), [undefined], { a: { b: new Map() } }, new Uint8Array(1)]

test('what no store keeps is refused, where JSON would lose it without a word', () => {
  for (const value of [...NOT_STORABLE, JSON.parse('{"__proto__": 1}') as unknown])
    assert.throws(
      () => mark(value, 'data'),
      (error) => error instanceof InvalidJobError && error.field === 'data',
    )
})

/** JSON that mark never writes, and the path that the error names. */
const HOSTILE: [json: string, path: string][] = [
  ['{"a":{"$date":"yesterday"}}', 'data.a.$date'],
  ['{"a":{"$date":"2024-01-01"}}', 'data.a.$date'],
  ['{"$date":"2024-01-01T00:00:00Z"}', 'data.$date'],
  ['{"$date":1704067200000}', 'data.$date'],
  ['{"$date":"+275760-09-13T00:00:00.001Z"}', 'data.$date'],
  ['{"$bytes":"AP8"}', 'data.$bytes'],
  ['{"$bytes":"A P8="}', 'data.$bytes'],
  ['{"$bytes":[0,255]}', 'data.$bytes'],
  ['{"$bigint":"05"}', 'data.$bigint'],
  ['{"$bigint":"-0"}', 'data.$bigint'],
  ['{"$bigint":"0x10"}', 'data.$bigint'],
  [`{"$bigint":"${'9'.repeat(100_000)}"}`, 'data.$bigint'],
  ['{"$number":"1"}', 'data.$number'],
  ['{"$number":"toString"}', 'data.$number'],
  ['{"$regexp":"x"}', 'data.$regexp'],
  ['{"$":1}', 'data.$'],
  ['{"$date":"1970-01-01T00:00:00.000Z","more":1}', 'data.$date'],
  ['{"more":1,"$bigint":"5"}', 'data.$bigint'],
  ['[1,{"$number":"NaN","$date":"x"}]', 'data[1].$number'],
  ['{"a":1e999}', 'data.a'],
  ['[-1e999]', 'data[0]'],
  ['{"a":{"__proto__":{"polluted":true}}}', 'data.a.__proto__'],
  ['{"a":{"$__proto__":{"polluted":true}}}', 'data.a.$__proto__'],
  ['{"a":{"$$__proto__":1}}', 'no error'],
]

for (const [json, path] of HOSTILE) {
  test(`${json.slice(0, 60)}: ${path}`, () => {
    const refusal = ((): string => {
      try {
        unmark(JSON.parse(json), 'data')
        return 'no error'
      } catch (error) {
        assert.ok(error instanceof InvalidJobError, String(error))
        return error.field
      }
    })()
    assert.equal(refusal, path)
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })
}

test('nesting without end is refused before the stack is full', () => {
  const deep = JSON.parse(`${'['.repeat(500_000)}${']'.repeat(500_000)}`) as unknown
  assert.throws(() => unmark(deep, 'data'), InvalidJobError)
  assert.deepStrictEqual(throughJson(nested(101)), nested(101))
})

test('whatever JSON there is, it is a value or an InvalidJobError', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      try {
        unmark(JSON.parse(json), 'data')
      } catch (error) {
        assert.ok(error instanceof InvalidJobError, String(error))
      }
    }),
  )
})

test.run()
