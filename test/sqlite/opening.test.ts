import * as assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { suite } from 'uvu'

import { SCHEMA_VERSION } from '../../src/sqlite/schema.ts'
import { SqliteJobStore, type SqliteStoreOptions } from '../../src/sqlite/sqlite-job-store.ts'
import { assertRejects, collect } from '../contract/assertions.ts'
import { aJob } from '../contract/jobs.ts'
import { newBackend, openStore, storeOver, watchedDriver, withConnection, withPath } from './support/stores.ts'

const test = suite('opening an SQLite file')

test('refuses a path or an option that can be none, by its name', () => {
  const refused = (path: unknown, options?: unknown): { code: string; message: string } => {
    try {
      new SqliteJobStore(path as string, options as SqliteStoreOptions)
    } catch (error) {
      return error as { code: string; message: string }
    }
    return assert.fail('it was accepted')
  }
  for (const path of ['', '  ', 'a\0b', 7, null, {}]) {
    assert.equal(refused(path).code, 'INVALID_CONFIG')
    assert.match(refused(path).message, /^path: /)
  }
  for (const synchronous of ['FULL', 'off', true, null, 2]) {
    const { code, message } = refused('x.db', { synchronous })
    assert.equal(code, 'INVALID_CONFIG')
    assert.match(message, /^synchronous: /)
  }
})

test(
  'makes no file before the first call',
  withPath(async (path) => {
    const store = openStore(path)
    assert.ok(!existsSync(path))
    await store.ready()
    assert.ok(existsSync(path))
    await store.close()
  }),
)

test(
  'writes ahead, and waits until each commit is on disk',
  withPath(async (path) => {
    for (const [synchronous, expected] of [
      ['full', 2],
      ['normal', 1],
    ] as const) {
      const { driver, connections } = watchedDriver()
      const store = storeOver(newBackend(path, { driver, synchronous }))
      await store.ready()
      assert.equal(connections.length, 1)
      assert.equal(connections[0]?.pragma('journal_mode', { simple: true }), 'wal')
      assert.equal(connections[0]?.pragma('synchronous', { simple: true }), expected)
      await store.close()
      assert.equal(connections[0]?.open, false)
    }
  }),
)

test(
  'a file that waits for a lock when it is closed is not opened later',
  withPath(async (path) => {
    await using first = openStore(path)
    await first.ready()
    await first.close()
    const { driver, connections } = watchedDriver()
    const backend = newBackend(path, { driver })
    let opening: Promise<void> | undefined
    withConnection(path, (connection) => {
      connection.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT')
      opening = assertRejects(() => backend.open(), 'STORE_CLOSED')
      void backend.close()
    })
    await opening
    assert.deepEqual(
      connections.filter(({ open }) => open),
      [],
    )
    await assertRejects(() => backend.open(), 'STORE_CLOSED')
  }),
)

test('keeps a store in memory under the path :memory:, each its own', async () => {
  const one = openStore(':memory:')
  const other = openStore(':memory:')
  await one.create(aJob())
  assert.equal(await one.countByUserId('user-1'), 1)
  assert.equal(await other.countByUserId('user-1'), 0)
  await one.close()
  await other.close()
})

test(
  'fails with the path and the driver error where there can be no file',
  withPath(async (path) => {
    mkdirSync(path)
    for (const wrong of [path, join(path, 'missing', 'jobs.db')]) {
      const store = openStore(wrong)
      await assertRejects(() => store.ready(), 'STORE_UNAVAILABLE', { outcome: 'rejected' })
      const error = (await store.create(aJob()).catch((thrown: unknown) => thrown)) as Error
      assert.ok(error.message.includes(JSON.stringify(wrong.slice(0, 64)).slice(0, -1)), error.message)
      assert.ok(error.cause instanceof Error)
      await store.close()
    }
  }),
)

test(
  'opens once the place is there, after it failed for want of it',
  withPath(async (path) => {
    const folder = join(path, '..', 'later')
    const store = openStore(join(folder, 'jobs.db'))
    await assertRejects(() => store.create(aJob()), 'STORE_UNAVAILABLE', { outcome: 'rejected' })
    mkdirSync(folder)
    await store.create(aJob())
    assert.equal(await store.countByStatus('pending'), 1)
    await store.close()
  }),
)

test(
  'fails on a file that is no database, and leaves it as it is',
  withPath(async (path) => {
    const content = 'This is somebody’s diary. '.repeat(500)
    writeFileSync(path, content)
    const store = openStore(path)
    await assertRejects(() => store.findById('a'), 'STORE_UNAVAILABLE', { outcome: 'rejected' })
    await store.close()
    assert.equal(readFileSync(path, 'utf8'), content)
  }),
)

test(
  'refuses another program’s tables, and leaves them as they are',
  withPath(async (path) => {
    withConnection(path, (connection) => connection.exec('CREATE TABLE jobs (id TEXT PRIMARY KEY, data TEXT)'))
    const before = readFileSync(path)
    const store = openStore(path)
    await assertRejects(() => store.ready(), 'STORE_MISMATCH')
    await store.close()
    assert.ok(readFileSync(path).equals(before))
  }),
)

test(
  'refuses a newer schema, and leaves the file as it is',
  withPath(async (path) => {
    const first = openStore(path)
    await first.create(aJob())
    await first.close()
    withConnection(path, (connection) => connection.pragma(`user_version = ${SCHEMA_VERSION + 1}`))
    const before = readFileSync(path)
    const store = openStore(path)
    await assertRejects(() => store.ready(), 'STORE_MISMATCH')
    await assertRejects(() => store.delete('job-1'), 'STORE_MISMATCH')
    await store.close()
    assert.ok(readFileSync(path).equals(before))
  }),
)

test(
  'writes and reads nothing more once a newer program has taken the file over',
  withPath(async (path) => {
    const store = openStore(path)
    await store.create(aJob())
    withConnection(path, (connection) => connection.pragma(`user_version = ${SCHEMA_VERSION + 1}`))
    await assertRejects(() => store.create(aJob({ id: 'late' })), 'STORE_MISMATCH')
    await assertRejects(() => store.findById('job-1'), 'STORE_MISMATCH')
    await assertRejects(() => store.countByUserId('user-1'), 'STORE_MISMATCH')
    await assertRejects(() => collect(store.history('job-1')), 'STORE_MISMATCH')
    await store.close()
    const events = withConnection(path, (connection) => connection.prepare('SELECT count(*) FROM events').pluck().get())
    assert.equal(events, 1)
  }),
)

test.run()
