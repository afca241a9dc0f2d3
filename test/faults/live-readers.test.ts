import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

import { suite } from 'uvu'

import { collect } from '../contract/assertions.ts'
import { aJob } from '../contract/jobs.ts'
import { messageOf, startFixture } from '../support/children.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'
import type { ReaderReport } from './fixtures/live-reader.ts'

const test = suite('P8: readers in 4 processes while 4 processes write: each event once, in order')

/** The long form has 50,000. */
const EVENTS = Number(process.env['JOBLEDGER_LIVE_EVENTS'] ?? 4000)
const PROCESSES = 4
const KILL_EVERY_MS = 100

/** What happens to the server meanwhile. @returns how often it hit, once the signal aborts */
type Disturb = (server: RedisServer, signal: AbortSignal) => Promise<number>

async function killClients(server: RedisServer, signal: AbortSignal): Promise<number> {
  let killed = 0
  await tell(server, async (admin) => {
    while (!signal.aborted) {
      await delay(KILL_EVERY_MS)
      killed += Number(await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))
    }
  })
  return killed
}

async function restartTwice(server: RedisServer, signal: AbortSignal): Promise<number> {
  let restarts = 0
  while (restarts < 2) {
    await delay(1000)
    if (signal.aborted) break
    await server.kill()
    await server.start()
    restarts++
  }
  return restarts
}

const faults: [name: string, partitions: number, disturb: Disturb, least: number][] = [
  ['CLIENT KILL every 100 ms, in 3 partitions', 3, killClients, 100],
  ['redis-server killed and restarted with its AOF twice', 1, restartTwice, 2],
]

for (const [name, partitions, disturb, least] of faults)
  test(`${EVENTS} events, ${name}`, async () => {
    await using server = await startRedis({ appendOnly: 'always' })
    const prefix = randomPrefix()
    await using store = openRedis(server.url, { prefix, partitions, retryForMs: 20_000 })
    await store.create(aJob())
    const [first] = await collect(store.events())
    const place = [server.url, prefix, String(partitions)]
    const { read, written, hits } = await runCrowd(place, first?.cursor ?? '', (signal) => disturb(server, signal))

    const log = (await collect(store.events({ after: first?.cursor ?? '' }))).map(({ id }) => id)
    assert.equal(log.length, written)
    for (const { ids, outOfOrder } of read) {
      assert.equal(ids.length, new Set(ids).size, 'some came twice')
      assert.deepEqual(ids.toSorted(), log.toSorted(), 'some did not come')
      assert.equal(outOfOrder, 0)
    }
    const errors = read.flatMap((report) => report.errors)
    console.log(
      `\n${name}: ${hits} hits, ${written} events to ${PROCESSES} readers, errors gone on after: ${errors.length}`,
    )
    assert.ok(hits >= least, `vacuous: only ${hits} hits`)
  })

/** Readers and writers, each a process, while something happens. All are gone at the end, however it ends. */
async function runCrowd(
  place: string[],
  cursor: string,
  disturb: (signal: AbortSignal) => Promise<number>,
): Promise<{ read: ReaderReport[]; written: number; hits: number }> {
  const readers = start('live-reader.ts', () => [...place, cursor])
  const writers = start('live-writer.ts', (index) => [...place, `writer-${index}`, String(EVENTS / PROCESSES)])
  const stop = new AbortController()
  try {
    const reports = Promise.all(readers.map((reader) => messageOf<ReaderReport>(reader)))
    const disturbed = disturb(stop.signal)
    const counts = await Promise.all(writers.map((writer) => messageOf<number>(writer)))
    stop.abort()
    const hits = await disturbed
    const written = counts.reduce((sum, count) => sum + count, 0)
    for (const reader of readers) reader.send(written)
    return { read: await reports, written, hits }
  } finally {
    stop.abort()
    for (const child of [...readers, ...writers]) child.kill('SIGKILL')
  }
}

function start(fixture: string, parametersOf: (index: number) => string[]): ChildProcess[] {
  const file = new URL(`fixtures/${fixture}`, import.meta.url)
  return Array.from({ length: PROCESSES }, (_, index) => startFixture(file, ...parametersOf(index)))
}

test.run()
