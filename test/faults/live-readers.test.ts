import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import { collect } from '../contract/assertions.ts'
import { aJob } from '../contract/jobs.ts'
import { messageOf, startFixture } from '../support/children.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import type { ReaderReport } from './fixtures/live-reader.ts'

const test = suite('P8: readers in 4 processes while 4 processes write: each event once, in order')

/** The long form has 50,000. */
const EVENTS = Number(process.env['JOBLEDGER_LIVE_EVENTS'] ?? 4000)
const PROCESSES = 4
const KILL_EVERY_MS = 100

/** What happens to the server meanwhile. @returns how often it hit, when `isOver` */
type Disturb = (server: RedisServer, isOver: () => boolean) => Promise<number>

async function killClients(server: RedisServer, isOver: () => boolean): Promise<number> {
  const admin = new Redis(server.url)
  let killed = 0
  while (!isOver()) {
    await delay(KILL_EVERY_MS)
    killed += Number(await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))
  }
  admin.disconnect()
  return killed
}

async function restartTwice(server: RedisServer, isOver: () => boolean): Promise<number> {
  let restarts = 0
  while (restarts < 2) {
    await delay(1000)
    if (isOver()) break
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
    const store = openRedis(server.url, { prefix, partitions, retryForMs: 20_000 })
    await store.create(aJob())
    const [first] = await collect(store.events())
    const place = [server.url, prefix, String(partitions)]
    const readers = start('live-reader.ts', () => [...place, first?.cursor ?? ''])
    const reports = readers.map((reader) => messageOf<ReaderReport>(reader))
    let isOver = false
    const disturbed = disturb(server, () => isOver)
    const writers = start('live-writer.ts', (index) => [...place, `writer-${index}`, String(EVENTS / PROCESSES)])
    const written = await Promise.all(writers.map((writer) => messageOf<number>(writer)))
    isOver = true
    const hits = await disturbed
    const total = written.reduce((sum, count) => sum + count, 0)
    for (const reader of readers) reader.send(total)
    const read = await Promise.all(reports)
    await Promise.all(readers.map((reader) => reader.exitCode ?? once(reader, 'exit')))

    const log = (await collect(store.events({ after: first?.cursor ?? '' }))).map(({ id }) => id)
    assert.equal(log.length, total)
    for (const { ids, outOfOrder } of read) {
      assert.equal(ids.length, new Set(ids).size, 'some came twice')
      assert.deepEqual(ids.toSorted(), log.toSorted(), 'some did not come')
      assert.equal(outOfOrder, 0)
    }
    const errors = read.flatMap((report) => report.errors)
    console.log(
      `\n${name}: ${hits} hits, ${total} events to ${PROCESSES} readers, errors gone on after: ${errors.length}`,
    )
    assert.ok(hits >= least, `vacuous: only ${hits} hits`)
    await store.close()
  })

function start(fixture: string, parametersOf: (index: number) => string[]): ReturnType<typeof startFixture>[] {
  const file = new URL(`fixtures/${fixture}`, import.meta.url)
  return Array.from({ length: PROCESSES }, (_, index) => startFixture(file, ...parametersOf(index)))
}

test.run()
