import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { START } from '../../src/core/cursor.ts'
import { compareBytes } from '../../src/core/order.ts'
import { connect, loadDriver, type Connection, type Driver } from '../../src/sqlite/driver.ts'
import { upgradeSchema } from '../../src/sqlite/schema.ts'
import { Tables } from '../../src/sqlite/tables.ts'
import { assertRejects, collect } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import { aJob, HOUR_MS, jobsOf } from '../contract/jobs.ts'
import { newBackend, openStore, storeOver, withConnection, withPath } from './support/stores.ts'

const test = suite('the SQLite backend')

test(
  'keeps ids and users of any characters apart, and in the order of their bytes',
  withPath(async (path) => {
    const texts = [
      '\0',
      'a',
      'a\0',
      'a\0b',
      'A',
      ' a',
      'é',
      'e\u0301',
      '\uffff',
      '😀',
      `'"; DROP TABLE jobs`,
      '%',
      '__proto__',
    ]
    const createdAt = new Date(0)
    const store = openStore(path)
    await Promise.all(texts.map((id) => store.create(aJob({ id, createdAt }))))
    await Promise.all(texts.map((userId, index) => store.create(aJob({ id: `of-${index}`, userId }))))
    const newestFirst = [...texts].sort((left, right) => compareBytes(right, left))
    const jobs = await store.findByUserId('user-1', { limit: 100 })
    assert.deepEqual(
      jobs.map((job) => job.id),
      newestFirst,
    )
    for (const [index, text] of texts.entries()) {
      assert.equal((await store.findById(text))?.id, text)
      assert.equal(await store.countByUserId(text), 1)
      assert.deepEqual(
        (await store.findByUserId(text)).map((job) => job.id),
        [`of-${index}`],
      )
    }
    await assertStateIsFold(store)
    await store.close()
  }),
)

test(
  'goes on with the log’s time when the clock is set back',
  withPath(async (path) => {
    const clock = { ms: 1_700_000_000_000 }
    const store = storeOver(newBackend(path, { now: () => clock.ms }))
    await store.create(aJob({ id: 'a', expiresAt: new Date(clock.ms + HOUR_MS) }))
    await store.create(aJob({ id: 'b', expiresAt: new Date(clock.ms + 1) }))
    clock.ms += 10
    await store.updateProgress('a', { percent: 1 })
    clock.ms -= HOUR_MS
    assert.notEqual(await store.findById('b'), null, 'its time is to come, and nothing was written of its end')
    await store.updateStatus('a', 'queued')
    const events = await collect(store.events())
    assert.deepEqual(
      events.map((event) => event.at.getTime() - 1_700_000_000_000),
      [0, 0, 10, 10],
    )
    assert.equal((await store.findById('a'))?.queuedAt?.getTime(), 1_700_000_000_010)
    await store.close()
  }),
)

test(
  'opens no write transaction for a read while nothing is due',
  withPath(async (path) => {
    const { driver, begun } = driverThatCountsWrites()
    const store = storeOver(newBackend(path, { driver }))
    await store.create(aJob())
    await store.create(aJob({ id: 'due', expiresAt: new Date(1) }))
    const before = begun()
    assert.equal(await store.countByUserId('user-1'), 1)
    assert.equal(begun(), before + 1, 'what is due is swept')
    assert.equal(await store.countByUserId('user-1'), 1)
    assert.equal(await store.countByStatus('pending'), 1)
    assert.equal((await store.findByUserId('user-1')).length, 1)
    assert.equal((await store.stats()).jobs, 1)
    assert.equal(await store.purgeExpired(), 0)
    assert.equal(begun(), before + 1)
    await store.close()
  }),
)

test(
  'sweeps as many as are due, in steps, first what is due first',
  withPath(async (path) => {
    const clock = { ms: 1_700_000_000_000 }
    const backend = newBackend(path, { now: () => clock.ms })
    const store = storeOver(backend)
    const jobs = jobsOf('user-1', 1203).map((job, index) => ({
      ...job,
      expiresAt: new Date(clock.ms + 1 + (index % 7)),
    }))
    await Promise.all(jobs.map((job) => store.create(job)))
    clock.ms += 3
    assert.equal(await backend.sweep(10), 10)
    assert.equal(await store.countByUserId('user-1'), jobs.filter((job) => job.expiresAt.getTime() > clock.ms).length)
    clock.ms += 10
    assert.equal(await backend.sweep(Infinity), jobs.filter((job) => job.expiresAt.getTime() > clock.ms - 10).length)
    assert.equal(await backend.sweep(Infinity), 0)
    const expired = (await collect(store.events())).filter((event) => event.type === 'expired')
    const expected = jobs.toSorted(
      (left, right) => left.expiresAt.getTime() - right.expiresAt.getTime() || compareBytes(left.id, right.id),
    )
    assert.deepEqual(
      expired.map((event) => event.jobId),
      expected.map((job) => job.id),
    )
    assert.equal((await store.stats()).jobs, 0)
    await store.close()
    const users = withConnection(path, (connection) =>
      connection.prepare('SELECT count(*) FROM user_counts').pluck().get(),
    )
    assert.equal(users, 0, 'a user without jobs leaves no row')
  }),
)

test(
  'lets one store at a time sweep, and another once that one is gone or its clock was wrong',
  withPath(async (path) => {
    const clock = { ms: 1_700_000_000_000 }
    const now = (): number => clock.ms
    const one = newBackend(path, { now })
    const other = newBackend(path, { now })
    await one.open()
    await other.open()
    assert.deepEqual([await one.lease('sweep', 1000), await other.lease('sweep', 1000)], [true, false])
    clock.ms += 999
    assert.deepEqual([await other.lease('sweep', 1000), await one.lease('sweep', 1000)], [false, true])
    clock.ms += 1000
    assert.deepEqual([await other.lease('sweep', 1000), await one.lease('sweep', 1000)], [true, false])
    clock.ms -= HOUR_MS
    assert.deepEqual([await one.lease('sweep', 1000), await other.lease('sweep', 1000)], [true, false])
    assert.equal(await one.lease('sweep', 10), true, 'it may ask for less')
    assert.equal(await other.lease('sweep', 60_000), false, 'whatever it asks for')
    assert.equal(await other.lease('compact', 1000), true, 'another task is another lease')
    assert.equal(await other.lease('sweep', 0), false, 'only who has it gives it back')
    assert.deepEqual([await one.lease('sweep', 0), await other.lease('sweep', 1000)], [true, true])
    await one.close()
    await other.close()
  }),
)

test(
  'gives cursors an epoch that is the file’s, not the store’s',
  withPath(async (path) => {
    const one = newBackend(path)
    const other = newBackend(path)
    await one.open()
    await other.open()
    assert.match(one.epoch, /^[A-Za-z0-9]+$/)
    assert.equal(other.epoch, one.epoch)
    await one.close()
    await one.close()
    await other.close()
  }),
)

test(
  'tells a position that was compacted away, or that the log does not reach',
  withPath(async (path) => {
    const backend = newBackend(path, { now: () => 70 })
    const store = storeOver(backend)
    await store.create(aJob())
    for (let percent = 1; percent < 10; percent++) await store.updateProgress('job-1', { percent })
    assert.deepEqual(await backend.scan(0, { sequence: 11, key: '70-11' }, 5), { kind: 'rewound' })
    assert.deepEqual(await backend.scan(0, { sequence: 10, key: '70-10' }, 5), { kind: 'events', events: [] })
    for (const key of ['69-10', '0-10', '0'])
      assert.deepEqual(await backend.scan(0, { sequence: 10, key }, 5), { kind: 'rewound' }, key)
    withConnection(path, (connection) =>
      connection.exec('DELETE FROM events WHERE seq <= 4; UPDATE meta SET trimmed_through = 4'),
    )
    assert.deepEqual(await backend.scan(0, START, 5), { kind: 'gap' })
    assert.deepEqual(await backend.scan(0, { sequence: 3, key: '70-3' }, 5), { kind: 'gap' })
    for (const key of ['70-4', '0-4']) {
      const page = await backend.scan(0, { sequence: 4, key }, 2)
      assert.deepEqual(page.kind === 'events' && page.events.map((event) => event.id), ['5', '6'], key)
    }
    const { oldest, newest } = await backend.bounds()
    assert.deepEqual([oldest, newest], [[{ sequence: 4, key: '0-4' }], [{ sequence: 10, key: '70-10' }]])

    for (const limit of [3, 6, 100]) {
      let events = 0
      let history = await backend.history('job-1', null, limit)
      for (events = history.events.length; !history.isTruncated; events += history.events.length)
        history = await backend.history('job-1', history.next, limit)
      assert.equal(events, 6, `in pages of ${limit}`)
      assert.equal(history.next, '4')
    }
    await assertRejects(() => store.findByIdAsOf('job-1', { version: 2 }), 'HISTORY_TRUNCATED')
    assert.equal((await store.stats()).events, 6)
    await store.close()
  }),
)

test(
  'forgets commandIds after a day, a few with each new one',
  withPath(async (path) => {
    const clock = { ms: 1_700_000_000_000 }
    const store = storeOver(newBackend(path, { now: () => clock.ms }))
    await store.create(aJob({ expiresAt: new Date(clock.ms + 1000 * HOUR_MS) }))
    const progress = (commandId: string, percent: number): Promise<unknown> =>
      store.updateProgress('job-1', { percent }, { commandId })
    for (let index = 0; index < 10; index++) await progress(`c-${index}`, index)
    const remembered = (): unknown =>
      withConnection(path, (connection) => connection.prepare('SELECT count(*) FROM commands').pluck().get())
    clock.ms += 24 * HOUR_MS - 1
    await assertRejects(() => progress('c-5', 99), 'COMMAND_REUSED')
    await progress('c-5', 5)
    assert.equal((await store.findRecord('job-1'))?.version, 11)
    clock.ms += 1
    await progress('c-5', 99)
    assert.equal((await store.findRecord('job-1'))?.version, 12)
    for (let index = 0; index < 10; index++) await progress(`d-${index}`, index)
    assert.equal(remembered(), 11, 'the ten new ones and c-5')
    await store.close()
  }),
)

test('walks no table of jobs, users or commands, and sorts nothing', () => {
  const connection = connect(loadDriver(), ':memory:', 0)
  upgradeSchema(connection, { epoch: 'a' })
  const statements = statementsOf(connection)
  assert.ok(statements.length > 20, 'the statements were not found')
  for (const sql of statements) {
    const parameters = Array.from(sql.matchAll(/\?/g), () => 1)
    const plan = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[]
    const details = plan.map((step) => step.detail).join('\n')
    // A census is of all users at one instant: nothing shorter would be one.
    if (sql === 'SELECT user_id, jobs FROM user_counts') continue
    const isFirstFew = /ORDER BY (seq|number) LIMIT/.test(sql)
    assert.doesNotMatch(
      details,
      isFirstFew ? /TEMP B-TREE/ : /SCAN (jobs|events|archived_events|user_counts|commands|leases)|TEMP B-TREE/,
      sql,
    )
  }
  connection.close()
})

/** What the tables prepare. */
function statementsOf(connection: Connection): string[] {
  const statements: string[] = []
  const watched = new Proxy(connection, {
    get: (target, name) => {
      if (name !== 'prepare') return Reflect.get(target, name, target) as unknown
      return (sql: string) => {
        statements.push(sql)
        return target.prepare(sql)
      }
    },
  })
  assert.ok(new Tables(watched))
  return statements
}

/** The real driver, and how many write transactions were begun. */
function driverThatCountsWrites(): { driver: Driver; begun: () => number } {
  let count = 0
  const driver = class extends loadDriver() {
    override transaction(body: (...parameters: unknown[]) => unknown): never {
      const { deferred, immediate } = super.transaction(body)
      const counted = (...parameters: unknown[]): unknown => {
        count++
        return immediate(...parameters)
      }
      return { deferred, immediate: counted } as never
    }
  }
  return { driver: driver as unknown as Driver, begun: () => count }
}

test.run()
