import assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { Backend } from '../../src/backend.ts'
import { CursorGapError, LogRewoundError } from '../../src/core/errors.ts'
import type { JobEvent } from '../../src/core/event.ts'
import type { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import { EventSourcedStore } from '../../src/store.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, HOUR_MS } from '../contract/jobs.ts'
import { Reading } from '../contract/reading.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'

const test = suite('P8, P9: a reader whose place is gone is told so, and where to go on')

/** The long form has 50. */
const ROUNDS = Number(process.env['JOBLEDGER_FAULT_ROUNDS'] ?? 3)
/** Entries of a stream node: trimming works by nodes. */
const NODE = 10
const LOG = 35

test('P8: trimming up to, and past, a reader, on both sides of the edge of a stream node', async () => {
  await using server = await startRedis({ args: ['--stream-node-max-entries', String(NODE)] })
  let gaps = 0
  let passed = 0
  for (const stands of [NODE - 1, NODE, NODE + 1, 2 * NODE])
    for (const trimmed of [stands - 1, stands, stands + 1, stands + NODE]) {
      await using store = openRedis(server.url)
      const log = await fill(store)
      await trim(store, log[trimmed - 1] ?? assert.fail())
      const reading = new Reading(store.subscribe({ after: log[stands - 1]?.cursor ?? '' }))
      const what = `a reader at ${stands}, trimmed through ${trimmed}`
      if (trimmed <= stands) {
        assert.deepEqual(idsOf(await reading.has(LOG - stands)), idsOf(log.slice(stands)), what)
        passed++
      } else {
        const error = await reading.ended().catch((reason: unknown) => reason)
        assert.ok(error instanceof CursorGapError, what)
        const rest = new Reading(store.subscribe({ after: error.oldest }))
        assert.deepEqual(idsOf(await rest.has(LOG - trimmed)), idsOf(log.slice(trimmed)), what)
        gaps++
      }
    }
  assert.deepEqual([gaps, passed], [8, 8])
})

test('P8: a compaction that passes live readers while their connection is dead', async () => {
  await using server = await startRedis({ args: ['--stream-node-max-entries', String(NODE)] })
  await using proxy = await TcpProxy.to(server.port)
  const prefix = randomPrefix()
  await using writer = openRedis(server.url, { prefix })
  await using store = openRedis(`redis://127.0.0.1:${proxy.port}`, { prefix, retryForMs: 20_000 })
  await writer.create(aJob({ id: 'a' }))
  const readings = [new Reading(store.subscribe()), new Reading(store.subscribe({ jobId: 'a' }))]
  const sights = new Reading(store.watch('a'))
  await sights.has(1)
  await writer.updateProgress('a', { percent: 1 })
  for (const reading of readings) await reading.has(1)

  proxy.freeze()
  for (let percent = 2; percent <= 50; percent++) await writer.updateProgress('a', { percent })
  await writer.compact({ before: new Date(Date.now() + HOUR_MS) })
  await writer.updateProgress('a', { percent: 51 })
  proxy.thaw()

  for (const reading of readings) {
    const error = await eventually(() => reading.outcome ?? assert.fail('it goes on'), { timeoutMs: 15_000 })
    assert.ok(error instanceof CursorGapError)
    const versions = reading.all.map(({ version }) => version)
    assert.deepEqual(
      versions,
      versions.map((_, index) => index + 2),
      'what came is without a gap',
    )
  }
  await eventually(() => assert.equal(sights.all.at(-1)?.job?.progress.percent, 51))
  assert.ok(
    sights.all.slice(1).some(({ event }) => event === null),
    'the state came again',
  )
  await writer.updateProgress('a', { percent: 52 })
  await eventually(() => assert.equal(sights.all.at(-1)?.event?.data.progress?.percent, 52))
})

test(`P8, P9: a replica that has not all is promoted, ${ROUNDS} times: readers ahead of it are told at once`, async () => {
  const tookMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) tookMs.push(await promote(round % 2 === 0 ? 1 : 3))
  console.log(`\n${ROUNDS} promotions: told after ${tookMs.map((ms) => `${ms.toFixed(0)} ms`).join(', ')}`)
})

/** @returns how long it took, in ms, until every reader was told */
async function promote(partitions: number): Promise<number> {
  await using primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
  await using replica = await startRedis({ args: ['--replicaof', `127.0.0.1 ${primary.port}`] })
  await using proxy = await TcpProxy.to(primary.port)
  await using store = openRedis(`redis://127.0.0.1:${proxy.port}`, { partitions })
  await store.create(aJob({ id: 'a' }))
  const readings = [new Reading(store.subscribe()), new Reading(store.subscribe({ jobId: 'a' }))]
  const sights = new Reading(store.watch('a'))
  await sights.has(1)
  await store.updateProgress('a', { percent: 1 })
  await tell(replica, (redis) =>
    eventually(
      async () => {
        const keys = await redis.keys('*:events')
        const lengths = await Promise.all(keys.map((key) => redis.xlen(key)))
        assert.equal(
          lengths.reduce((sum, length) => sum + length, 0),
          2,
        )
      },
      { timeoutMs: 30_000 },
    ),
  )
  await tell(replica, (redis) => redis.replicaof('NO', 'ONE'))
  for (let percent = 2; percent <= 9; percent++) await store.updateProgress('a', { percent })
  for (const reading of readings) await reading.has(9)
  const held = readings[0]?.all.at(-1)?.cursor ?? ''

  let newest = ''
  const startedAt = performance.now()
  proxy.failOver(replica.port)
  for (const reading of readings) {
    const error = await eventually(() => reading.outcome ?? assert.fail('it goes on'))
    assert.ok(error instanceof LogRewoundError)
    newest = error.newest
    assert.equal(reading.all.length, 9)
  }
  const tookMs = performance.now() - startedAt
  await eventually(() =>
    assert.deepEqual([sights.all.at(-1)?.job?.progress.percent, sights.all.at(-1)?.event], [1, null]),
  )
  const written = await store.updateProgress('a', { percent: 50 })
  await eventually(() => assert.deepEqual(sights.all.at(-1)?.job, written))
  await assert.rejects(new Reading(store.subscribe({ after: held })).ended(), { code: 'LOG_REWOUND' })
  const again = new Reading(store.subscribe({ after: newest }))
  assert.deepEqual(
    (await again.has(1)).map(({ data }) => data.progress?.percent),
    [50],
  )
  await store.close()
  return tookMs
}

async function fill(store: RedisJobStore<AnyJob>): Promise<JobEvent<AnyJob>[]> {
  await store.create(aJob({ id: 'a' }))
  for (let percent = 2; percent <= LOG; percent++) await store.updateProgress('a', { percent })
  return collect(store.events())
}

/** Takes the log's beginning away, up to an event, as a compaction does after its snapshots. */
async function trim(store: RedisJobStore<AnyJob>, last: JobEvent<AnyJob>): Promise<void> {
  const [sequence, key] = last.cursor.split('.').at(-1)?.split('_') ?? []
  const through = { sequence: Number(sequence), key: key ?? '' }
  await EventSourcedStore.onBackend(store, (backend: Backend) => backend.trim(0, through, []))
}

function idsOf(events: readonly JobEvent<AnyJob>[]): string[] {
  return events.map(({ id }) => id)
}

test.run()
