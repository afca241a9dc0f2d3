import * as assert from 'node:assert/strict'
import { createReadStream, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'

import { suite } from 'uvu'

import { InvalidJobError } from '../../src/core/errors.ts'
import { readLegacyJsonLines } from '../../src/legacy/json-lines.ts'
import { collect } from '../contract/assertions.ts'
import { withPath } from '../sqlite/support/stores.ts'
import { assertMovesInto } from './fixtures/check-migration.ts'
import { aFullLegacyJob, aLegacyJob, manyLegacyJobs } from './fixtures/jobs.ts'

const test = suite('reading the jobs of a Map as JSON lines')

const JOBS = [
  aLegacyJob(),
  aFullLegacyJob({ id: 'job-2', tags: ['a'], note: null, at: '2024-01-01T00:00:00.000Z' }),
  aLegacyJob({ id: '[1]', result: null }),
]

test('jobs and entries of the Map come back equal', async () => {
  const jobs = JOBS.map((job) => JSON.stringify(job)).join('\n')
  const entries = [...new Map(JOBS.map((job) => [job.id, job]))].map((entry) => JSON.stringify(entry)).join('\r\n')
  assert.deepStrictEqual(await collect(readLegacyJsonLines(Readable.from([jobs]))), JOBS)
  assert.deepStrictEqual(await collect(readLegacyJsonLines(Readable.from([`\ufeff${entries}\n\n`]))), JOBS)
})

test(
  '10,000 jobs come from a file, by chunks of bytes, by chunks of text and by lines',
  withPath(async (path) => {
    const jobs = manyLegacyJobs(10_000)
    writeFileSync(path, jobs.map((job) => `${JSON.stringify(job)}\n`).join(''))
    await assertMovesInto(readLegacyJsonLines(createReadStream(path, { highWaterMark: 1021 })), jobs)
    await assertMovesInto(readLegacyJsonLines(createReadStream(path, { encoding: 'utf8' })), jobs)
    await assertMovesInto(readLegacyJsonLines(createInterface({ input: createReadStream(path) })), jobs)
  }),
)

test('null stands for what is not there', async () => {
  const none = { error: null, webhook: null, videoMetadata: null, queuedAt: null, startedAt: null, completedAt: null }
  const line = JSON.stringify({ ...aLegacyJob({ id: 'job-2' }), ...none, result: null })
  const [job] = await collect(readLegacyJsonLines(Readable.from([line])))
  assert.deepStrictEqual({ ...job, expiresAt: 0 }, { ...aLegacyJob({ id: 'job-2', result: null }), expiresAt: 0 })
})

const GOOD = JSON.stringify(aLegacyJob())

const REFUSED: [name: string, line: string, field: string, place: string][] = [
  ['JSON that is cut', GOOD.slice(0, -1), 'job', 'Line 2'],
  ['a number', '12', 'job', 'Line 2'],
  ['an array that is no entry', '["job-1"]', 'job', 'Line 2'],
  ['an entry of another id', `["job-2",${GOOD}]`, 'id', 'Line 2, job "job-2"'],
  ['a job without an id', GOOD.replace('"id"', '"ID"'), 'id', 'Line 2, job undefined'],
  ['a date that is none', GOOD.replace('2024-01-01T', '2024-99-01T'), 'createdAt', 'Line 2, job "job-1"'],
  ['progress that is none', GOOD.replace('"percent":0', '"percent":-1'), 'progress.percent', 'Line 2, job "job-1"'],
  [
    'a required date of null',
    GOOD.replace(/"createdAt":"[^"]*"/, '"createdAt":null'),
    'createdAt',
    'Line 2, job "job-1"',
  ],
  ['__proto__', `${GOOD.slice(0, -1)},"__proto__":{"polluted":1}}`, '__proto__', 'Line 2, job "job-1"'],
]

for (const [name, line, field, place] of REFUSED) {
  test(`${name} is refused, naming line, job and field`, async () => {
    const lines = readLegacyJsonLines(Readable.from([`${GOOD}\n${line}\n${GOOD}\n`]))
    const read = await lines.next()
    assert.equal((read.value as { id: string }).id, 'job-1')
    const error: unknown = await lines.next().catch((thrown: unknown) => thrown)
    assert.ok(error instanceof InvalidJobError, String(error))
    assert.equal(error.field, field)
    assert.ok(error.message.startsWith(`${place}: ${field}: expected `), error.message)
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })
}

test('bytes that are no UTF-8 are refused', async () => {
  const broken = Buffer.concat([Buffer.from(`${GOOD}\n`), Buffer.from([0x22, 0xff, 0x22])])
  const error: unknown = await collect(readLegacyJsonLines(Readable.from([broken]))).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof InvalidJobError, String(error))
  assert.match(error.message, /^Line 1: job: expected UTF-8/)
})

test.run()
