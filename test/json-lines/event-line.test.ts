import * as assert from 'node:assert/strict'

import * as fc from 'fast-check'
import { suite } from 'uvu'

import { InvalidJobError, InvalidLogError } from '../../src/core/errors.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { decodeEventLine, encodeEventLine } from '../../src/json-lines/event-line.ts'
import { aFullJob, HOUR_MS } from '../contract/jobs.ts'
import { event } from './support/values.ts'

const test = suite("an event's line")

test('every event comes back equal, but for its cursor, and is written in the same bytes again', () => {
  fc.assert(
    fc.property(event, (given) => {
      const line = encodeEventLine({ ...given, cursor: '1.epoch.5_5' })
      const { data, ...rest } = decodeEventLine(line)
      assert.ok(!line.includes('\n') && !line.includes('epoch'))
      assert.deepStrictEqual({ ...rest, data: plain(data) }, { ...given, data: plain(given.data) })
      assert.equal(encodeEventLine({ ...rest, data }), line)
    }),
    { numRuns: 1000 },
  )
})

/** A copy of one level: deepStrictEqual would tell an own field named like a method from none. */
function plain(data: object): object {
  return { ...data }
}

test('a type that only newer programs know passes', () => {
  const given = { ...lineOf(), type: 'paused', data: { pausedBy: 'ann' } }
  assert.equal(decodeEventLine(JSON.stringify(given)).type, 'paused')
})

test('an event that no store could hold is not written', () => {
  const given = { ...decodeEventLine(JSON.stringify(lineOf())), data: { note: undefined } } as unknown as JobEvent
  assert.throws(() => encodeEventLine(given), InvalidJobError)
})

/** The fields of a good line. */
function lineOf(): Record<string, unknown> {
  const at = new Date(1_700_000_000_000)
  const job = aFullJob({ createdAt: at, expiresAt: new Date(at.getTime() + HOUR_MS), progress: { percent: 1 } })
  const created: JobEvent<typeof job> = {
    id: '1',
    cursor: '',
    type: 'created',
    jobId: job.id,
    userId: job.userId,
    version: 1,
    previous: null,
    at,
    data: job,
    removed: [],
    meta: { actor: 'ann' },
  }
  return JSON.parse(encodeEventLine(created)) as Record<string, unknown>
}

type Change = (line: Record<string, unknown>, data: Record<string, unknown>) => unknown

/** What to do to a good line, and the field that the error names. */
const HOSTILE: [name: string, change: Change, field: string][] = [
  ['no id', (line) => delete line['id'], 'id'],
  ['a number for an id', (line) => (line['id'] = 1), 'id'],
  ['a type that is no text', (line) => (line['type'] = null), 'type'],
  ['an empty jobId', (line) => (line['jobId'] = ''), 'jobId'],
  ['a jobId of 513 bytes', (line) => (line['jobId'] = 'x'.repeat(513)), 'jobId'],
  ['a userId with a lone surrogate', (line) => (line['userId'] = '\ud800'), 'userId'],
  ['version 0', (line) => (line['version'] = 0), 'version'],
  ['a version past all counting', (line) => (line['version'] = 2 ** 53), 'version'],
  ['a version of text', (line) => (line['version'] = '1'), 'version'],
  ['no previous', (line) => delete line['previous'], 'previous'],
  ['a time of another form', (line) => (line['at'] = '2024-01-01'), 'at'],
  ['a time of a number', (line) => (line['at'] = 5), 'at'],
  ['data of null', (line) => (line['data'] = null), 'data'],
  ['data of an array', (line) => (line['data'] = []), 'data'],
  ['data that is a mark', (line) => (line['data'] = { $number: 'NaN' }), 'data'],
  ['meta that is a mark', (line) => (line['meta'] = { $date: '1970-01-01T00:00:00.000Z' }), 'meta'],
  ['removed that is no array', (line) => (line['removed'] = {}), 'removed'],
  ['a removed field of a number', (line) => (line['removed'] = ['a', 1]), 'removed[1]'],
  ['__proto__ removed', (line) => (line['removed'] = ['__proto__']), 'removed[0]'],
  ['a required field removed', (line) => (line['removed'] = ['status']), 'removed[0]'],
  ['meta of text', (line) => (line['meta'] = 'ann'), 'meta'],
  ['meta with a lone surrogate', (line) => (line['meta'] = { in: ['\ud800'] }), 'meta.in[0]'],
  [
    'meta with a bigint of 65 bits',
    (line) => (line['meta'] = { big: { $bigint: '36893488147419103232' } }),
    'meta.big',
  ],
  ['another field', (line) => (line['cursor'] = 'x'), 'cursor'],
  ['a whole job without a status', (_, data) => delete data['status'], 'data.status'],
  ['a time of a job that is plain text', (_, data) => (data['createdAt'] = '2024-01-01'), 'data.createdAt'],
  ['progress past 100', (_, data) => (data['progress'] = { percent: 101 }), 'data.progress.percent'],
  ['a status of 65 characters', (_, data) => (data['status'] = 'x'.repeat(65)), 'data.status'],
  ['another id in the job', (_, data) => (data['id'] = 'another'), 'data.id'],
  ['another user in the job', (_, data) => (data['userId'] = 'another'), 'data.userId'],
  ['an update of another job', (line) => Object.assign(line, { type: 'updated', data: { id: 'another' } }), 'data.id'],
  [
    'an update with a count that is none',
    (line) => Object.assign(line, { type: 'updated', data: { retryCount: -1 } }),
    'data.retryCount',
  ],
  [
    '101 levels',
    (_, data) => (data['deep'] = JSON.parse('['.repeat(101) + ']'.repeat(101))),
    `data.deep${'[0]'.repeat(100)}`,
  ],
]

for (const [name, change, field] of HOSTILE)
  test(`${name} is refused, naming the field`, () => {
    const line = lineOf()
    change(line, line['data'] as Record<string, unknown>)
    assertRefused(JSON.stringify(line), field)
  })

test('__proto__ is refused wherever it stands, and changes no object', () => {
  const line = JSON.stringify(lineOf())
  assertRefused(`${line.slice(0, -1)},"__proto__":{"polluted":true}}`, '__proto__')
  assertRefused(line.replace('"data":{', '"data":{"__proto__":{"polluted":true},'), 'data.__proto__')
  assertRefused(line.replace('"meta":{', '"meta":{"a":[{"__proto__":{"polluted":true}}],'), 'meta.a[0].__proto__')
})

test('what is no JSON object is refused', () => {
  for (const text of ['', '{', '[]', 'null', '5', '"x"', '{"id":1e', 'undefined']) assertRefused(text, 'line')
})

test('whatever JSON there is in any field, it is an event or an InvalidLogError', () => {
  const fields = Object.keys(lineOf())
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 3 }), (field, value) => {
      try {
        decodeEventLine(JSON.stringify({ ...lineOf(), [field]: value }))
      } catch (error) {
        assert.ok(error instanceof InvalidLogError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

function assertRefused(text: string, field: string): void {
  assert.throws(
    () => decodeEventLine(text, 7),
    (error) => {
      assert.ok(error instanceof InvalidLogError, String(error))
      assert.deepEqual([error.code, error.line, error.field], ['INVALID_LOG', 7, field])
      assert.ok(error.message.startsWith(`Line 7: ${field}: expected `), error.message)
      return true
    },
  )
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
}

test.run()
