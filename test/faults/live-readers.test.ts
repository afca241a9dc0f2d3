import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

import { collect } from '../contract/assertions.ts'
import { aJob } from '../contract/jobs.ts'
import { messageOf, startFixture } from '../support/children.ts'
import { openRedis } from '../support/redis-store.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'
import type { ReaderParameters, ReaderReport } from './fixtures/live-reader.ts'
import type { WriterParameters, WriterReport } from './fixtures/live-writer.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, type Place } from './harness/place.ts'
import { compareWithSlice } from './harness/reader-oracle.ts'
import { givenUp } from './harness/traffic.ts'

/** Of writers, and of readers. */
const PROCESSES = 3
const KILL_EVERY_MS = 100
const RESTART_EVERY_MS = 1000
/** Promised are 2 s; the rest is for machines that are busy with other tests. */
const MOST_LAG_MS = 5000

faultTest({
  name: 'CLIENT KILL storm',
  promises: ['P4', 'P8'],
  // Seconds.
  amount: { short: 3, long: 120 },
  floor: (amount) => amount * 20,
  mutants: ['a batch that comes again is applied again', 'a reader goes on from now, and looks at no numbers'],
  run: (context) => runCrowd(context, 3, killClients, MOST_LAG_MS),
})

faultTest({
  name: 'restarts under writers and readers',
  promises: ['P1', 'P4', 'P8'],
  // Restarts.
  amount: { short: 2, long: 30 },
  floor: (amount) => amount,
  mutants: ['a reader goes on from now, and looks at no numbers'],
  run: (context) => runCrowd(context, 1, restart, Infinity),
})

async function killClients(server: RedisServer, seconds: number): Promise<number> {
  let killed = 0
  const end = performance.now() + seconds * 1000
  await tell(server, async (admin) => {
    while (performance.now() < end) {
      await delay(KILL_EVERY_MS)
      killed += Number(await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))
    }
  })
  return killed
}

async function restart(server: RedisServer, times: number): Promise<number> {
  for (let count = 0; count < times; count++) {
    await delay(RESTART_EVERY_MS)
    await server.kill()
    await server.start()
  }
  return times
}

/** Readers and writers, each a process, while something happens to the server. All are gone at the end, however it ends. */
async function runCrowd(
  context: ScenarioContext,
  partitions: number,
  disturb: (server: RedisServer, amount: number) => Promise<number>,
  mostLagMs: number,
): Promise<Outcome> {
  await using server = await startRedis({ appendOnly: 'always' })
  const place = newPlace(server, partitions)
  const after = await createFirst(place)
  const { build, seed, amount } = context
  const readers = start('live-reader.ts', () => ({ place, build, after }))
  const writers = start('live-writer.ts', (index) => ({
    place,
    build,
    name: `writer-${index}`,
    seed: seed + index,
  }))
  try {
    await Promise.all([...readers, ...writers].map((child) => messageOf<'ready'>(child)))
    const reports = Promise.all(readers.map((reader) => messageOf<ReaderReport>(reader)))
    const ledgers = Promise.all(writers.map((writer) => messageOf<WriterReport>(writer)))
    const hits = await Promise.race([disturb(server, amount), failing(ledgers), failing(reports)])
    for (const writer of writers) writer.send('stop')
    const entries = (await ledgers).flat()
    const { events, violations } = await inspect(place, entries)
    for (const reader of readers) reader.send(events.length - 1)
    const read = await reports
    const log = events.slice(1).map(({ id }) => id)
    for (const [index, { ids }] of read.entries()) violations.push(...compareWithSlice(`reader ${index}`, ids, log))
    const lagMs = Math.max(...read.map((report) => report.lagMs))
    if (lagMs > mostLagMs) violations.push(`P8: a reader was ${lagMs} ms behind`)
    violations.push(...givenUp({ entries }))
    const errors = read.flatMap((report) => report.errors)
    for (const error of errors) violations.push(`P8: a reader ended with ${error}, and nothing was lost`)
    return { hits, violations, figures: `${log.length} events to ${PROCESSES} readers, at most ${lagMs} ms behind` }
  } finally {
    for (const child of [...readers, ...writers]) child.kill('SIGKILL')
  }
}

/** @returns the cursor behind the first event */
async function createFirst({ url, prefix, partitions }: Place): Promise<string> {
  await using store = openRedis(url, { prefix, partitions })
  await store.create(aJob())
  const [first] = await collect(store.events())
  return first?.cursor ?? ''
}

function start(fixture: string, parametersOf: (index: number) => ReaderParameters | WriterParameters): ChildProcess[] {
  const file = new URL(`fixtures/${fixture}`, import.meta.url)
  return Array.from({ length: PROCESSES }, (_, index) => startFixture(file, JSON.stringify(parametersOf(index))))
}

/** Never resolves: rejects when the work does. */
function failing(work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    work.catch(reject)
  })
}
