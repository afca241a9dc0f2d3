import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import type { EventArchive } from '../../src/contract.ts'
import type { JobEvent } from '../../src/core/event.ts'
import type { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { openStore, withPath } from '../sqlite/support/stores.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { startSteadyTraffic, type Acknowledged } from './support/steady-traffic.ts'

const test = suite('retention: the log stays small, and nothing is lost')

/** JOBLEDGER_SOAK_SECONDS=600 is a long form. */
const SECONDS = Number(process.env['JOBLEDGER_SOAK_SECONDS'] ?? 12)
const KEEP_MS = 1000
/** Between two looks at the server. */
const LOOK_MS = 200

/** What the server had, look by look. */
interface Look {
  memory: number
  events: number
}

/** Writes steadily for the whole time, and looks at the server meanwhile. */
async function soak(store: RedisJobStore<AnyJob>, url: string): Promise<{ looks: Look[]; written: Acknowledged }> {
  const admin = new Redis(url)
  const stop = startSteadyTraffic(store)
  const looks: Look[] = []
  const end = performance.now() + SECONDS * 1000
  while (performance.now() < end) {
    await delay(LOOK_MS)
    const memory = Number(/^used_memory:(\d+)/m.exec(await admin.info('memory'))?.[1])
    looks.push({ memory, events: (await store.stats()).events })
  }
  const written = await stop()
  admin.disconnect()
  return { looks, written }
}

/** The last third is no larger than the second, and the log holds a small part of what was written. */
function assertFlat(looks: readonly Look[], written: Acknowledged): void {
  const third = Math.floor(looks.length / 3)
  const middle = looks.slice(third, 2 * third)
  const last = looks.slice(2 * third)
  const total = [...written.values()].flat().length
  const found = {
    memory: [medianOf(middle, 'memory'), medianOf(last, 'memory')] as const,
    events: [medianOf(middle, 'events'), medianOf(last, 'events')] as const,
  }
  console.log(`\n${total} events written; medians of the second and last third: ${JSON.stringify(found)}`)
  for (const [middleMedian, lastMedian] of [found.memory, found.events])
    assert.ok(lastMedian <= 1.25 * middleMedian, `it grows: ${JSON.stringify(found)}`)
  assert.ok(total > 3 * found.events[1], `vacuous: ${total} events were written, and ${found.events[1]} are kept`)
}

function medianOf(looks: readonly Look[], what: keyof Look): number {
  return looks.map((look) => look[what]).sort((one, other) => one - other)[looks.length >> 1] ?? Number.NaN
}

/** The actors of a job's events, oldest first; what the store did by itself has none. */
function actorsIn(events: readonly JobEvent<AnyJob>[]): string[] {
  return events.map(({ meta }) => meta?.actor).filter((actor) => actor !== undefined)
}

function assertNextToEachOther(events: readonly JobEvent<AnyJob>[]): void {
  for (const [index, { version, type }] of events.entries()) {
    const before = events[index - 1]?.version ?? version - 1
    assert.equal(version, type === 'snapshotted' && index > 0 ? before : before + 1)
  }
}

/** Archive and log together have every event once. */
async function soakWithArchive(path: string): Promise<void> {
  await using server = await startRedis()
  await using archive = openStore(path)
  await using store = openRedis(server.url, {
    partitions: 2,
    retention: { keepMs: KEEP_MS, archive },
    sweepIntervalMs: 500,
  })
  const { looks, written } = await soak(store, server.url)
  assertFlat(looks, written)

  const byJob = new Map<string, JobEvent<AnyJob>[]>()
  for await (const event of store.events()) byJob.set(event.jobId, [...(byJob.get(event.jobId) ?? []), event])
  assert.equal(byJob.size, written.size)
  for (const [id, actors] of written) {
    const events = byJob.get(id) ?? []
    assert.deepEqual(actorsIn(events), actors)
    assertNextToEachOther(events)
    assert.equal(events[0]?.version, 1)
    assert.deepEqual(actorsIn(await collect(store.history(id))), actors)
  }
  const first = byJob.get('lasting-0')?.[0] ?? assert.fail('it is gone')
  assert.equal((await store.findByIdAsOf('lasting-0', first.at))?.progress.percent, 0)
  assert.deepEqual((await store.verify()).drift, [])
}

/** The log has the end of each job's events. */
async function soakWithoutArchive(): Promise<void> {
  await using server = await startRedis()
  await using store = openRedis(server.url, { retention: { keepMs: KEEP_MS }, sweepIntervalMs: 500 })
  const { looks, written } = await soak(store, server.url)
  assertFlat(looks, written)
  let kept = 0
  // The newest first: what is older is dropped while this goes on.
  for (const [id, actors] of [...written].toReversed()) {
    const events = await collect(store.history(id))
    const left = actorsIn(events)
    assert.deepEqual(left, actors.slice(actors.length - left.length))
    assertNextToEachOther(events)
    kept += left.length
    if (id.startsWith('lasting-')) assert.equal((await store.findRecord(id))?.version, actors.length)
  }
  assert.ok(kept > 0)
  assert.deepEqual((await store.verify()).drift, [])
}

test(
  `${SECONDS} s of steady writing leave memory flat and lose nothing, with an archive and without one`,
  withPath(async (path) => {
    await Promise.all([soakWithArchive(path), soakWithoutArchive()])
  }),
)

test('an archive that fails: nothing is dropped, one warning tells of it, and it recovers', async () => {
  await using server = await startRedis()
  const taken = new Set<string>()
  let isBroken = true
  let tries = 0
  const archive: EventArchive<AnyJob> = {
    append: async (events) => {
      tries++
      if (isBroken) throw new Error('the disk is full')
      for (const { meta } of events) taken.add(meta?.actor ?? '')
    },
  }
  const warnings: Error[] = []
  const note = (warning: Error): void => {
    if (warning.name === 'JobStoreWarning') warnings.push(warning)
  }
  process.on('warning', note)
  try {
    await using store = openRedis(server.url, { retention: { keepMs: KEEP_MS, archive } })
    const actors = Array.from({ length: 600 }, (_, index) => `actor-${index}`)
    await store.create(aJob())
    await Promise.all(actors.map((actor) => store.updateProgress('job-1', { percent: 1 }, { meta: { actor } })))
    await eventually(() => assert.ok(tries >= 3), { timeoutMs: 15_000 })
    assert.equal(warnings.length, 1)
    assert.match(warnings[0]?.message ?? '', /not compacted.*the disk is full/)
    assert.deepEqual(actorsIn(await collect(store.history('job-1'))), actors)
    isBroken = false
    await eventually(async () => assert.ok((await store.stats()).events < 10), { timeoutMs: 15_000 })
    assert.deepEqual(
      actors.filter((actor) => !taken.has(actor)),
      [],
    )
    assert.equal((await store.findRecord('job-1'))?.version, 601)
    assert.deepEqual((await store.verify()).drift, [])
  } finally {
    process.off('warning', note)
  }
})

test('two instances: one compacts at a time, and the other one goes on when it is closed', async () => {
  await using server = await startRedis()
  const prefix = randomPrefix()
  let atWork = 0
  const appends = [0, 0]
  const archiveOf = (instance: 0 | 1): EventArchive<AnyJob> => ({
    append: async () => {
      assert.equal(++atWork, 1, 'two compact at once')
      await delay(150)
      atWork--
      appends[instance] = (appends[instance] ?? 0) + 1
    },
  })
  const warnings: Error[] = []
  const note = (warning: Error): number => warnings.push(warning)
  process.on('warning', note)
  const open = (instance: 0 | 1): RedisJobStore<AnyJob> =>
    openRedis(server.url, { prefix, retention: { keepMs: KEEP_MS, archive: archiveOf(instance) } })
  await using one = open(0)
  await using two = open(1)
  const stop = startSteadyTraffic(one, two)
  await eventually(() => assert.ok((appends[0] ?? 0) + (appends[1] ?? 0) >= 8), { timeoutMs: 30_000 })
  await stop()
  await one.close()
  const before = appends[1] ?? 0
  await two.create(aJob({ id: 'after' }))
  await eventually(() => assert.ok((appends[1] ?? 0) > before), { timeoutMs: 15_000 })
  process.off('warning', note)
  assert.deepEqual(warnings, [])
  assert.deepEqual((await two.verify()).drift, [])
})

test.run()
