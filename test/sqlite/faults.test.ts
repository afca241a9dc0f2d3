import * as assert from 'node:assert/strict'
import { writeFileSync, readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { suite } from 'uvu'

import type { StoreUnavailableError } from '../../src/core/errors.ts'
import { loadDriver, type Driver } from '../../src/sqlite/driver.ts'
import { assertRejects, assertWritesNothing } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import { aJob, textOf } from '../contract/jobs.ts'
import {
  newBackend,
  openStore,
  storeOver,
  watchedDriver,
  withConnection,
  withPath,
  withWriteLock,
} from './support/stores.ts'

const test = suite('SQLite in trouble')

test(
  'a lock that is never given up rejects a command, and the process goes on meanwhile',
  withPath(async (path) => {
    const store = storeOver(newBackend(path, { busyTimeoutMs: 100 }))
    await store.create(aJob())
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await withWriteLock(path, async () => {
      await assertRejects(() => store.updateProgress('job-1', { percent: 1 }), 'STORE_UNAVAILABLE', {
        outcome: 'rejected',
      })
      assert.deepEqual((await store.findById('job-1'))?.progress, { percent: 0 }, 'reads go on')
    })
    clearInterval(timer)
    assert.ok(turns > 1, 'timers were held up')
    assert.equal((await store.updateProgress('job-1', { percent: 2 }))?.progress.percent, 2)
    await assertStateIsFold(store)
    await store.close()
  }),
)

test(
  'a lock that is given up in time is not seen, and the order of commands stays',
  withPath(async (path) => {
    const store = openStore(path)
    await store.create(aJob())
    const writes: Promise<unknown>[] = []
    await withWriteLock(path, async () => {
      for (let percent = 1; percent <= 50; percent++) {
        writes.push(store.updateProgress('job-1', { percent }))
        if (percent % 10 === 0) await nextTurn()
      }
    })
    await Promise.all(writes)
    const record = await store.findRecord('job-1')
    assert.equal(record?.version, 51)
    assert.equal(record.job.progress.percent, 50)
    await assertStateIsFold(store)
    await store.close()
  }),
)

test(
  'a full disk refuses whole batches, keeps reading, and is written again once there is room',
  withPath(async (path) => {
    const { driver, connections } = watchedDriver()
    const store = storeOver(newBackend(path, { driver }))
    await store.create(aJob())
    const connection = connections[0] ?? assert.fail('nothing was opened')
    const pages = connection.pragma('page_count', { simple: true }) as number
    connection.pragma(`max_page_count = ${pages + 2}`)
    const big = textOf(50_000)
    await assertWritesNothing(store, () => store.create(aJob({ id: 'big', note: big })), 'STORE_UNAVAILABLE')
    const outcomes = await Promise.allSettled([
      store.updateProgress('job-1', { percent: 5 }),
      store.create(aJob({ id: 'big', note: big })),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ['rejected', 'rejected'],
      'a batch is one transaction',
    )
    connection.pragma('max_page_count = 1000000')
    await store.create(aJob({ id: 'big', note: big }))
    await assertStateIsFold(store)
    await store.close()
  }),
)

test(
  'an error while it commits leaves open whether the write stands',
  withPath(async (path) => {
    const store = storeOver(newBackend(path, { driver: driverThatFailsAfterCommits() }))
    await assertRejects(() => store.create(aJob()), 'STORE_UNAVAILABLE', { outcome: 'unknown' })
    const error = (await store
      .create(aJob({ id: 'other' }))
      .catch((thrown: unknown) => thrown)) as StoreUnavailableError
    assert.equal((error.cause as { code?: string }).code, 'SQLITE_IOERR_FSYNC')
    await store.close()
    const again = openStore(path)
    assert.equal(await again.countByUserId('user-1'), 2, 'here they stood')
    await again.close()
  }),
)

test(
  'damaged pages are an error with a code, never a crash or a driver error',
  withPath(async (path) => {
    const first = openStore(path)
    for (let index = 0; index < 200; index++) await first.create(aJob({ id: `job-${index}`, note: textOf(500) }))
    await first.close()
    const bytes = readFileSync(path)
    bytes.fill(0xa5, 4096 * 3)
    writeFileSync(path, bytes)
    const store = openStore(path)
    await assertRejects(() => store.findByUserId('user-1'), 'STORE_UNAVAILABLE')
    await assertRejects(() => store.create(aJob({ id: 'new' })), 'STORE_UNAVAILABLE', { outcome: 'rejected' })
    await store.close()
  }),
)

test(
  'a row that somebody else wrote fails its own job only, and can still expire',
  withPath(async (path) => {
    const store = openStore(path)
    await store.create(aJob({ id: 'broken' }))
    await store.create(aJob({ id: 'whole' }))
    for (const body of [Buffer.from('{"id":"broken"}'), Buffer.from([0x80]), Buffer.from([0xc1]), Buffer.alloc(0)]) {
      withConnection(path, (connection) => connection.prepare(`UPDATE jobs SET body = ? WHERE id = 'broken'`).run(body))
      const [broken, whole] = await Promise.allSettled([
        store.updateProgress('broken', { percent: 1 }),
        store.updateProgress('whole', { percent: 1 }),
      ])
      assert.equal(broken.status, 'rejected')
      assert.equal(whole.status, 'fulfilled')
      await assertRejects(() => store.updateProgress('broken', { percent: 1 }), 'PROJECTION_LOST')
      await Promise.all([
        assertRejects(() => store.findById('broken'), 'PROJECTION_LOST'),
        store.findById('whole').then((job) => assert.equal(job?.progress.percent, 1)),
      ])
    }
    withConnection(path, (connection) => connection.exec(`UPDATE jobs SET expires_at = 1 WHERE id = 'broken'`))
    assert.equal(await store.purgeExpired(), 1)
    await assertStateIsFold(store)
    await store.close()
  }),
)

/** As a disk does that fails to say that it has taken what it took. Opening goes well. */
function driverThatFailsAfterCommits(): Driver {
  const real = loadDriver()
  return class extends real {
    override transaction(body: (...parameters: unknown[]) => unknown): never {
      const transaction = super.transaction(body)
      const immediate = (...parameters: unknown[]): unknown => {
        const isNew = this.pragma('user_version', { simple: true }) === 0
        const result = transaction.immediate(...parameters)
        if (!isNew) throw new real.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC')
        return result
      }
      return { deferred: transaction.deferred, immediate } as never
    }
  } as unknown as Driver
}

test.run()
