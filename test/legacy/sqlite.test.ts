import * as assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

import { suite } from 'uvu'

import { InvalidConfigError, InvalidJobError } from '../../src/core/errors.ts'
import type { Job } from '../../src/core/job.ts'
import { readLegacySqlite } from '../../src/legacy/sqlite.ts'
import { assertRejects, assertTypeError, collect } from '../contract/assertions.ts'
import { aJob } from '../contract/jobs.ts'
import { openStore, withConnection, withPath } from '../sqlite/support/stores.ts'
import { assertMovesInto } from './fixtures/check-migration.ts'
import { aFullLegacyJob, aLegacyJob, byId, manyLegacyJobs } from './fixtures/jobs.ts'
import { OutlineSqliteStore } from './fixtures/outline-sqlite-store.ts'

const test = suite('reading an SQLite store of the outline')

/** Writes a file with these jobs, and what else is to be done with it. */
function writeFile(path: string, jobs: Job[], more: (store: OutlineSqliteStore) => void = () => undefined): void {
  const store = new OutlineSqliteStore(path)
  for (const job of jobs) store.create(job)
  more(store)
  store.close()
}

/** The message of a refusal of the file. */
async function refusalOf(path: string): Promise<string> {
  const error: unknown = await collect(readLegacySqlite(path)).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof InvalidConfigError, String(error))
  return error.message
}

test(
  'every job comes back equal, expired ones too',
  withPath(async (path) => {
    const jobs = [
      aLegacyJob(),
      aFullLegacyJob({ id: 'job-2' }),
      aLegacyJob({ id: '42', userId: '7', status: 'completed', result: 12.5 }),
      aLegacyJob({ id: '"quoted"', userId: 'null', result: 'text', status: 'completed' }),
      aLegacyJob({ id: 'expired', expiresAt: new Date('2020-01-01T00:00:00.000Z') }),
    ]
    writeFile(path, jobs)
    assert.deepStrictEqual(byId(await collect(readLegacySqlite(path))), byId(jobs))
  }),
)

test(
  '10,000 jobs come, and can be created and found in a store',
  withPath(async (path) => {
    const jobs = manyLegacyJobs(10_000)
    writeFile(path, [], ({ connection, create }) => {
      connection.transaction(() => jobs.forEach((job) => create.call({ connection }, job)))()
    })
    await assertMovesInto(readLegacySqlite(path), jobs)
  }),
)

test(
  'further columns are kept as own fields, objects and arrays as what they are',
  withPath(async (path) => {
    writeFile(path, [aLegacyJob(), aLegacyJob({ id: 'job-2' })], ({ connection }) => {
      for (const column of ['tags JSON', 'note TEXT', 'size INTEGER', 'share REAL', 'large INTEGER', 'bytes BLOB'])
        connection.exec(`ALTER TABLE jobs ADD COLUMN ${column}`)
      connection
        .prepare('UPDATE jobs SET tags = ?, note = ?, size = ?, share = ?, large = ?, bytes = ? WHERE id = ?')
        .run('["a",{"b":1}]', '[draft]', 7, 0.5, 2n ** 63n - 1n, Buffer.from([0, 255]), 'job-1')
      connection.prepare("UPDATE jobs SET note = '' WHERE id = 'job-2'").run()
    })
    const own = { tags: ['a', { b: 1 }], note: '[draft]', size: 7, share: 0.5, large: 2n ** 63n - 1n }
    const expected = [
      aLegacyJob({ ...own, bytes: Buffer.from([0, 255]) }),
      aLegacyJob({ id: 'job-2', note: '' }),
    ] as const
    const found = await collect(readLegacySqlite(path))
    for (const [index, job] of expected.entries())
      assert.deepStrictEqual({ ...found[index], expiresAt: null }, { ...job, expiresAt: null })
  }),
)

test(
  'columns in another order, and counts that are not there, are read by name',
  withPath(async (path) => {
    withConnection(path, (connection) => {
      connection.exec(`
        CREATE TABLE jobs (expiresAt, createdAt, progress, options, videoId, videoUrl, status, userId, id);
        INSERT INTO jobs VALUES ('2030-01-01T00:00:00Z', '2024-01-01T02:00:00.000+02:00', '{"percent":1}', '{}', 'v', 'u',
          'queued', 'ann', 'job-1');
      `)
    })
    assert.deepStrictEqual(await collect(readLegacySqlite(path)), [
      {
        id: 'job-1',
        userId: 'ann',
        status: 'queued',
        videoUrl: 'u',
        videoId: 'v',
        options: {},
        progress: { percent: 1 },
        retryCount: 0,
        maxRetries: 3,
        createdAt: new Date('2024-01-01T00:00:00.000Z'),
        expiresAt: new Date('2030-01-01T00:00:00.000Z'),
      },
    ])
  }),
)

const CORRUPTED: [column: string, stored: unknown, path?: string][] = [
  ['options', '{"codec": "h26'],
  ['options', 5],
  ['progress', '{"percent": "half"}', 'progress.percent'],
  ['webhook', '{"url":'],
  ['status', 'sleeping'],
  ['createdAt', 'yesterday'],
  ['createdAt', 1_704_067_200_000],
  ['expiresAt', ''],
  ['retryCount', 1.5],
  ['maxRetries', 'three'],
  ['userId', Buffer.from('user-1')],
]

for (const [column, stored, path = column] of CORRUPTED) {
  test(
    `${column} of ${JSON.stringify(stored)} is refused, naming row and column`,
    withPath(async (file) => {
      writeFile(file, [aLegacyJob(), aLegacyJob({ id: 'broken' })], ({ connection }) => {
        connection.prepare(`UPDATE jobs SET ${column} = ? WHERE id = 'broken'`).run(stored)
      })
      const read: Job[] = []
      const error: unknown = await (async () => {
        for await (const job of readLegacySqlite(file)) read.push(job)
      })().catch((thrown: unknown) => thrown)
      assert.ok(error instanceof InvalidJobError, String(error))
      assert.equal(error.field, path)
      assert.ok(error.message.startsWith(`Table jobs, id "broken": ${path}: expected `), error.message)
      assert.deepEqual(
        read.map((job) => job.id),
        ['job-1'],
      )
    }),
  )
}

test(
  'an id that is null, or no text, is refused',
  withPath(async (path) => {
    writeFile(path, [aLegacyJob()], ({ connection }) => connection.exec('UPDATE jobs SET id = NULL'))
    await assertRejects(() => collect(readLegacySqlite(path)), 'INVALID_JOB', { field: 'id' })
    withConnection(path, (connection) => connection.exec("UPDATE jobs SET id = x'00'"))
    await assertRejects(() => collect(readLegacySqlite(path)), 'INVALID_JOB', { field: 'id' })
  }),
)

test(
  'a file that is not there is named, and not made',
  withPath(async (path) => {
    assert.match(await refusalOf(path), /SQLite file that is there/)
    assert.ok(!existsSync(path))
    assert.match(await refusalOf(`${path}/deeper/jobs.db`), /SQLite file that is there/)
    assert.match(await refusalOf(':memory:'), /SQLite file that is there/)
    await assertTypeError(() => collect(readLegacySqlite(5 as never)), 'path')
  }),
)

test(
  'a file without the table, without a column or of another kind says what was expected',
  withPath(async (path) => {
    withConnection(path, (connection) => connection.exec('CREATE TABLE other (id)'))
    assert.match(await refusalOf(path), /with a table jobs, got/)
    withConnection(path, (connection) => connection.exec('CREATE TABLE jobs (id, userId, status)'))
    assert.match(await refusalOf(path), /also videoUrl, videoId, options, progress, createdAt, expiresAt, got/)
    const text = `${path}.txt`
    writeFileSync(text, 'no database at all'.repeat(100))
    assert.match(await refusalOf(text), /an SQLite file, got/)
  }),
)

test(
  "this package's own file is not taken for one of the outline",
  withPath(async (path) => {
    const store = openStore(path)
    await store.create(aJob())
    await store.close()
    assert.match(await refusalOf(path), /also userId, /)
  }),
)

test(
  'nothing is written, and the file is free again once the reader has left',
  withPath(async (path) => {
    writeFile(path, manyLegacyJobs(10))
    for await (const job of readLegacySqlite(path)) {
      assert.ok(job.id)
      break
    }
    const changes = withConnection(path, (connection) => connection.prepare('DELETE FROM jobs').run().changes)
    assert.equal(changes, 10)
    assert.ok(!existsSync(`${path}-journal`))
  }),
)

test(
  'jobs created while it reads do not come: it is the table of one moment',
  withPath(async (path) => {
    writeFile(path, manyLegacyJobs(10), ({ connection }) => connection.pragma('journal_mode = WAL'))
    const ids: string[] = []
    for await (const job of readLegacySqlite(path)) {
      if (ids.length === 0) writeFile(path, [aLegacyJob({ id: 'late' })])
      ids.push(job.id)
    }
    assert.equal(ids.length, 10)
    assert.ok(!ids.includes('late'))
  }),
)

test(
  'a torn file is a StoreUnavailableError',
  withPath(async (path) => {
    writeFile(path, manyLegacyJobs(200))
    const bytes = readFileSync(path)
    bytes.fill(0xff, 4096 * 3)
    writeFileSync(path, bytes)
    await assertRejects(() => collect(readLegacySqlite(path)), 'STORE_UNAVAILABLE', { outcome: 'rejected' })
  }),
)

test.run()
