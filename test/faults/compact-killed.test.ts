import assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { JobStore, ReadableArchive } from '../../src/contract.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, HOUR_MS, textOf } from '../contract/jobs.ts'
import { startFixture } from '../support/children.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { randomOf, seed } from '../support/random.ts'
import { openStore, withConnection, withPath } from '../sqlite/support/stores.ts'
import { SqliteJobStore } from '../../src/sqlite/sqlite-job-store.ts'
import { forgetLeases } from './support/any-place.ts'
import { killAtStep } from './support/kill-at-step.ts'

const test = suite('P7, P12: a compaction that is killed anywhere loses nothing and doubles nothing')

/** The long form has 50. */
const ROUNDS = Number(process.env['JOBLEDGER_FAULT_ROUNDS'] ?? 6)
const ROUNDS_A_STORE = 5
const JOBS_A_ROUND = 300
const STEPS_AT_MOST = 40

/** One store, how to open it, and what to do when the one that has the lease is dead. */
interface Subject {
  parameters: string[]
  open(archive?: ReadableArchive<AnyJob>): JobStore<AnyJob>
  forgetLease(): Promise<void>
}

test(
  `SIGKILL at ${ROUNDS} random points on SQLite, then run again`,
  withPath(async (path) =>
    killAndRunAgain(path, (group) => {
      const file = `${path}-${group}`
      return {
        parameters: [file],
        open: (archive) => new SqliteJobStore<AnyJob>(file, { sweepIntervalMs: 0, ...(archive && { archive }) }),
        forgetLease: () => forgetLeases({ path: file }),
      }
    }),
  ),
)

for (const partitions of [1, 3])
  test(
    `SIGKILL at ${ROUNDS} random points on Redis with ${partitions} partitions, then run again`,
    withPath(async (path) => {
      const { url } = await sharedRedis()
      await killAndRunAgain(path, () => {
        const prefix = randomPrefix()
        return {
          parameters: [url, prefix, String(partitions)],
          open: (archive) => openRedis(url, { prefix, partitions, ...(archive && { archive }) }),
          forgetLease: () => forgetLeases({ url, prefix, partitions }),
        }
      })
    }),
  )

/** In several stores: each round reads all that there is. @param make a store for a group of rounds */
async function killAndRunAgain(path: string, make: (group: number) => Subject): Promise<void> {
  console.log(`\nseed ${seed}`)
  const random = randomOf(seed)
  const tally = { killedAtWork: 0, leftInBoth: 0 }
  for (let first = 0; first < ROUNDS; first += ROUNDS_A_STORE) {
    const group = first / ROUNDS_A_STORE
    const rounds = Math.min(ROUNDS_A_STORE, ROUNDS - first)
    await killInOneStore(`${path}-archive-${group}`, make(group), { rounds, random, tally })
  }
  const { killedAtWork, leftInBoth } = tally
  console.log(`${killedAtWork} of ${ROUNDS} killed at work, ${leftInBoth} between archive and trim`)
  assert.ok(killedAtWork >= ROUNDS / 2, `vacuous: only ${killedAtWork} of ${ROUNDS} were killed at work`)
}

interface Rounds {
  rounds: number
  random: () => number
  tally: { killedAtWork: number; leftInBoth: number }
}

async function killInOneStore(archivePath: string, subject: Subject, given: Rounds): Promise<void> {
  const { rounds, random, tally } = given
  await using archive = openStore(archivePath)
  await using store = subject.open(archive)
  await using log = subject.open()
  await archive.ready()
  for (let round = 0; round < rounds; round++) {
    await write(store, round)
    const all = await collect(store.events())
    const jobs = await jobsOf(store, round)
    if (await compactAndKill([archivePath, ...subject.parameters], random)) tally.killedAtWork++
    const what = `round ${round}`
    assert.deepEqual(await idsIn(store), idsOf(all), `${what}, read after the kill`)
    assert.deepEqual((await store.verify()).drift, [], `${what}, after the kill`)
    tally.leftInBoth += (await countBoth(archivePath, log)) > 0 ? 1 : 0

    await subject.forgetLease()
    await store.compact({ before: new Date(Date.now() + HOUR_MS), archive })
    assert.deepEqual(await idsIn(store), idsOf(all), `${what}, after it was run again`)
    assert.equal(await countBoth(archivePath, log), 0, `${what}: in the archive and in the log`)
    assert.deepEqual(archivedIds(archivePath).toSorted(), idsOf(all).toSorted(), `${what}: what is archived`)
    assert.deepEqual((await store.verify()).drift, [], `${what}, after it was run again`)
    assert.deepEqual(await jobsOf(store, round), jobs, what)
  }
}

/** @returns whether it was cut off before its end */
function compactAndKill(parameters: string[], random: () => number): Promise<boolean> {
  const killAt = 1 + Math.floor(random() * STEPS_AT_MOST)
  const child = startFixture(new URL('fixtures/compact-until-killed.ts', import.meta.url), ...parameters)
  return killAtStep(child, killAt, random)
}

/** Jobs of several events, some of which end, and news of older ones. */
async function write(store: JobStore<AnyJob>, round: number): Promise<void> {
  const ids = Array.from({ length: JOBS_A_ROUND }, (_, index) => `${round}-${index}`)
  await Promise.all(ids.map((id) => store.create(aJob({ id, userId: `user-${round}`, large: textOf(100) }))))
  await Promise.all(ids.map((id) => store.updateProgress(id, { percent: 1, round })))
  await Promise.all(ids.filter((_, index) => index % 3 === 0).map((id) => store.delete(id)))
  if (round > 0) await Promise.all(ids.map((_, index) => store.updateStatus(`${round - 1}-${index}`, 'completed')))
}

async function jobsOf(store: JobStore<AnyJob>, round: number): Promise<unknown> {
  const { jobs, byStatus } = await store.stats()
  const list = await store.findByUserId(`user-${round}`, { limit: 1000 })
  return { jobs, byStatus, list, count: await store.countByUserId(`user-${round}`) }
}

/** Events that both hold. */
async function countBoth(archivePath: string, log: JobStore<AnyJob>): Promise<number> {
  const archived = new Set(archivedIds(archivePath))
  const ids = await idsIn(log)
  return ids.filter((id) => archived.has(id)).length
}

/** Each row of the archive, without snapshots. */
function archivedIds(path: string): string[] {
  return withConnection(
    path,
    (connection) =>
      connection.prepare(`SELECT event_id FROM archived_events WHERE type <> 'snapshotted'`).pluck().all() as string[],
  )
}

async function idsIn(store: JobStore<AnyJob>): Promise<string[]> {
  return idsOf(await collect(store.events()))
}

function idsOf(events: readonly { id: string }[]): string[] {
  return events.map(({ id }) => id)
}

test.run()
