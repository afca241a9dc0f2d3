import * as assert from 'node:assert/strict'
import { once } from 'node:events'

import { suite } from 'uvu'

import { encodeValue } from '../../src/codec.ts'
import { createEveryHistory } from '../contract/every-history.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { startTraffic, type TrafficReport } from '../contract/traffic.ts'
import type { SqliteJobStore } from '../../src/sqlite/sqlite-job-store.ts'
import { messageOf } from '../support/children.ts'
import { startFixture } from './support/children.ts'
import { openStore, withConnection, withPath } from './support/stores.ts'

const test = suite('a rebuild of an SQLite file while others write')

const PROCESSES = 3
const ROUNDS = 5
const LEAST_ANSWERED = 300

/**
 * Damage that no command can meet: what a command builds on, version and last_event, stays, and no row goes that it looks
 * for. All else that hands can spoil is spoilt in a part of the rows.
 */
const DAMAGES = [
  'UPDATE status_counts SET jobs = jobs + 3',
  `UPDATE user_counts SET jobs = jobs - 2 WHERE user_id <> 'crowd'`,
  `UPDATE jobs SET user_id = 'user-9' WHERE number % 5 = 0 AND user_id IS NOT NULL`,
  `UPDATE jobs SET status = 'strange' WHERE number % 5 = 1 AND user_id IS NOT NULL`,
  'UPDATE jobs SET created_at = created_at + 1 WHERE number % 5 = 2',
  'UPDATE jobs SET expires_at = expires_at + 3600000 WHERE number % 5 = 3',
  `DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE id LIKE 'job-%' OR id LIKE 'deleted%' LIMIT 20)`,
  `UPDATE jobs SET user_id = 'ghost', expires_at = 9999999999999 WHERE body IS NULL AND id LIKE 'deleted%'`,
]

test(
  'in three other processes: no write fails, and the state is the fold of the log',
  withPath(async (path) => {
    const store = openStore(path)
    await createEveryHistory(store)
    const children = Array.from({ length: PROCESSES }, () => startFixture('traffic.ts', path))
    await Promise.all(children.map((child) => messageOf<'ready'>(child)))
    const repaired = await spoilAndRebuild(path, store)
    const reports = Promise.all(children.map((child) => messageOf<TrafficReport>(child)))
    const ends = children.map((child) => once(child, 'exit'))
    for (const child of children) child.send('stop')
    await assertSound(store, await reports, repaired)
    await Promise.all(ends)
    await store.close()
  }),
)

test(
  'in other stores of this process: no write fails, and the state is the fold of the log',
  withPath(async (path) => {
    const [store, ...others] = [openStore(path), openStore(path), openStore(path)]
    await createEveryHistory(store)
    const stop = startTraffic(...others)
    const repaired = await spoilAndRebuild(path, store)
    await assertSound(store, [await stop()], repaired)
    for (const one of [store, ...others]) await one.close()
  }),
)

/** @returns how much was put right */
async function spoilAndRebuild(path: string, store: SqliteJobStore<AnyJob>): Promise<number> {
  let total = 0
  for (let round = 0; round < ROUNDS; round++) {
    spoil(path, round)
    const { repaired } = await store.rebuild()
    assert.ok(repaired > 0)
    total += repaired
  }
  return total
}

/** Some kinds of damage to the tables, others in the next round, and some bodies. */
function spoil(path: string, round: number): void {
  withConnection(path, (connection) => {
    for (const next of [0, 1, 2]) connection.exec(DAMAGES[(3 * round + next) % DAMAGES.length] ?? '')
    const body = encodeValue(aJob({ id: 'spoilt', userId: 'user-9', status: 'failed', round }))
    connection.prepare('UPDATE jobs SET body = ? WHERE body IS NOT NULL AND number % 7 = ?').run(body, round % 7)
    connection
      .prepare('INSERT INTO jobs (id, version, last_event, body) VALUES (?, 1, 999999999, ?)')
      .run(`orphan-${round}`, body)
  })
}

async function assertSound(store: SqliteJobStore<AnyJob>, reports: TrafficReport[], repaired: number): Promise<void> {
  const answered = reports.reduce((total, report) => total + report.answered, 0)
  console.log(`\n${repaired} repairs in ${ROUNDS} rounds, ${answered} commands meanwhile`)
  assert.deepEqual(
    reports.flatMap((report) => report.errors),
    [],
  )
  assert.ok(answered >= LEAST_ANSWERED, 'vacuous: hardly anything was written meanwhile')
  await store.rebuild()
  assert.deepEqual((await store.verify()).drift, [])
  await assertStateIsFold(store, Infinity)
}

test.run()
