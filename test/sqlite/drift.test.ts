import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { Drift } from '../../src/contract.ts'
import { collect, pictureOf } from '../contract/assertions.ts'
import { createEveryHistory } from '../contract/every-history.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import { aJob } from '../contract/jobs.ts'
import { DAMAGES, type Damage } from './support/damage.ts'
import { randomOf, seed } from '../support/random.ts'
import { openStore, withConnection, withPath } from './support/stores.ts'

const test = suite('drift in an SQLite file, made by hand')

/** Rounds of several kinds of damage at once. */
const ROUNDS = 30

for (const { name, make, drift: expected } of DAMAGES) {
  test(
    `${name}: found, named and put right`,
    withPath(async (path) => {
      const store = openStore(path)
      await createEveryHistory(store)
      const before = await pictureOf(store)
      const tables = dump(path)
      withConnection(path, make)
      const { drift, driftCount, ok } = await store.verify()
      assert.deepEqual(pick(drift, expected), sorted(expected))
      assert.deepEqual([driftCount, ok], [expected.length, false])
      assert.ok((await store.rebuild()).repaired > 0)
      assert.deepEqual((await store.verify()).drift, [])
      assert.equal((await store.rebuild()).repaired, 0)
      assert.deepEqual(await pictureOf(store), before)
      assert.deepEqual(dump(path), tables)
      await store.close()
    }),
  )
}

test(
  'tables of jobs and counts that were emptied come back from the log',
  withPath(async (path) => {
    const store = openStore(path)
    await createEveryHistory(store)
    const before = await pictureOf(store)
    const tables = dump(path)
    withConnection(path, (connection) => connection.exec(EMPTY))
    const { driftCount, drift } = await store.verify()
    assert.ok(driftCount >= 110)
    assert.ok(
      drift.every(({ kind }) => ['missingJob', 'statusCount', 'userCount'].includes(kind) || /Index/.test(kind)),
    )
    const { repaired, jobs } = await store.rebuild()
    assert.ok(repaired >= 110)
    assert.equal(jobs, 106)
    assert.deepEqual((await store.verify()).drift, [])
    assert.deepEqual(await pictureOf(store), before)
    assert.deepEqual(dump(path), tables)
    await store.close()
  }),
)

test(
  'several rebuilds at once put right what one would',
  withPath(async (path) => {
    const stores = [openStore(path), openStore(path), openStore(path)]
    const store = stores[0] as (typeof stores)[0]
    await createEveryHistory(store)
    const tables = dump(path)
    for (const damage of [
      EMPTY,
      'UPDATE user_counts SET jobs = jobs + 5',
      'UPDATE status_counts SET jobs = 7',
      EMPTY,
    ]) {
      withConnection(path, (connection) => connection.exec(damage))
      await Promise.all(stores.map((one) => one.rebuild()))
      assert.deepEqual((await store.verify()).drift, [], damage)
      assert.deepEqual(dump(path), tables)
    }
    for (const one of stores) await one.close()
  }),
)

test(
  'more drift than a report names is counted all the same',
  withPath(async (path) => {
    const store = openStore(path)
    await Promise.all(Array.from({ length: 700 }, (_, index) => store.create(aJob({ id: `${index}` }))))
    withConnection(path, (connection) => connection.exec('UPDATE jobs SET version = 2, expires_at = 9999999999999'))
    const { drift, driftCount } = await store.verify()
    assert.deepEqual([drift.length, driftCount], [1000, 1400])
    assert.equal((await store.rebuild()).repaired, 700)
    await store.close()
  }),
)

test(
  'a due job without a user, over which the sweeper stumbles, is put right, and expires',
  withPath(async (path) => {
    const store = openStore(path)
    await store.create(aJob({ id: 'due', expiresAt: new Date(5) }))
    withConnection(path, (connection) => connection.exec('UPDATE jobs SET user_id = NULL'))
    await assert.rejects(store.purgeExpired(), { code: 'STORE_UNAVAILABLE' })
    assert.equal((await store.verify()).driftCount, 2)
    assert.equal((await store.rebuild()).repaired, 2)
    assert.equal(await store.purgeExpired(), 1)
    assert.deepEqual((await store.verify()).drift, [])
    await store.close()
  }),
)

test(
  'tables of somebody else in the file are left in peace',
  withPath(async (path) => {
    const store = openStore(path)
    await createEveryHistory(store)
    withConnection(path, (connection) => connection.exec(`CREATE TABLE mine (a); INSERT INTO mine VALUES (1)`))
    assert.deepEqual((await store.verify()).drift, [])
    assert.equal((await store.rebuild()).repaired, 0)
    assert.equal(
      withConnection(path, (connection) => connection.prepare('SELECT a FROM mine').pluck().get()),
      1,
    )
    await store.close()
  }),
)

test(
  'tombstones whose events were compacted away are no drift; a live job’s events must be there',
  withPath(async (path) => {
    const store = openStore(path)
    await store.create(aJob({ id: 'ended' }))
    await store.delete('ended')
    await store.create(aJob({ id: 'lives' }))
    const compact = (through: number): void =>
      withConnection(path, (connection) => {
        connection.exec(`DELETE FROM events WHERE seq <= ${through}; UPDATE meta SET trimmed_through = ${through}`)
      })
    compact(2)
    const { ok, events, jobs } = await store.verify()
    assert.deepEqual({ ok, events, jobs }, { ok: true, events: 1, jobs: 1 })
    assert.equal((await store.rebuild()).repaired, 0)
    compact(3)
    assert.deepEqual(
      (await store.verify()).drift.map(({ kind, jobId, field }) => [kind, jobId ?? field]),
      [
        ['orphanJob', 'lives'],
        ['statusCount', 'pending'],
        ['userCount', undefined],
      ],
    )
    await store.close()
  }),
)

test(
  'damage of any kinds at once is put right',
  withPath(async (path) => {
    const random = randomOf(seed)
    const store = openStore(path)
    await createEveryHistory(store)
    const before = await pictureOf(store)
    const tables = dump(path)
    for (let round = 0; round < ROUNDS; round++) {
      const names = damageAtRandom(path, random, 1 + Math.floor(random() * 6))
      const where = `SEED=${seed}, round ${round}: ${names.join(', ')}`
      assert.ok((await store.verify()).driftCount > 0, where)
      assert.ok((await store.rebuild()).repaired > 0, where)
      assert.deepEqual((await store.verify()).drift, [], where)
      assert.deepEqual(dump(path), tables, where)
    }
    assert.deepEqual(await pictureOf(store), before, `SEED=${seed}`)
    await assertStateIsFold(store)
    assert.ok((await collect(store.events())).length > 0)
    await store.close()
  }),
)

/** Each kind once at most: of twice the same, one might undo the other. @returns their names */
function damageAtRandom(path: string, random: () => number, kinds: number): string[] {
  const left = [...DAMAGES]
  const names: string[] = []
  withConnection(path, (connection) => {
    for (let kind = 0; kind < kinds; kind++) {
      const [damage] = left.splice(Math.floor(random() * left.length), 1) as [Damage]
      try {
        damage.make(connection)
        names.push(damage.name)
      } catch (error) {
        // One before it took the row away, or put one in its place. The first can't fail.
        if (kind === 0) throw error
      }
    }
  })
  return names
}

const EMPTY = 'DELETE FROM jobs; DELETE FROM status_counts; DELETE FROM user_counts'

/** What the tables hold, but for the numbers of rows and counts of 0. */
function dump(path: string): unknown {
  return withConnection(path, (connection) =>
    [
      `SELECT id, version, last_event, user_id, status, created_at, expires_at, typeof(body) FROM jobs ORDER BY id`,
      'SELECT * FROM status_counts WHERE jobs <> 0 ORDER BY status',
      'SELECT * FROM user_counts WHERE jobs <> 0 ORDER BY user_id',
      'SELECT count(*), max(seq) FROM events',
    ].map((sql) => connection.prepare(sql).all()),
  )
}

/** Of each drift, the facts that are expected of the one in its place. */
function pick(drift: readonly Drift[], expected: readonly Partial<Drift>[]): Partial<Drift>[] {
  const fields = sorted(expected).map((one) => Object.keys(one))
  return sorted(drift).map((one, index) =>
    Object.fromEntries(Object.entries(one).filter(([field]) => fields[index]?.includes(field) ?? true)),
  )
}

/** By job, kind and field: in which order a job's own are named is nobody's business. */
function sorted<D extends Partial<Drift>>(drift: readonly D[]): D[] {
  const keyOf = ({ jobId, kind, field, userId }: D): string => [jobId, kind, field ?? '', userId ?? ''].join()
  return drift.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
}

test.run()
