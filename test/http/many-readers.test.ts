/** As many streams as a process of a busy service has, without their sockets. */
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { suite } from 'uvu'

import { createHandler } from '../../src/http/index.ts'
import { aJob, textOf } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { CountedStore } from './support/counted-store.ts'
import { authorizeByHeader, requestOf } from './support/service.ts'
import { SseReader } from './support/sse-reader.ts'

const READERS = 10_000
const JOBS = 100
/** Of these, who read nothing: what each costs is counted, and needs no more of them. */
const SILENT = 2000
/** A stream with its request, its subscription and what waits in it. */
const MOST_BYTES_A_READER = 64 * 1024
/** Several times that happens to each, in text of its own. */
const ROUNDS = 64
const NOTE_BYTES = 4096
const PATIENCE = { timeoutMs: 60_000 }

const test = suite(`${READERS} streams in one process`)

interface Crowd extends AsyncDisposable {
  store: CountedStore
  /** Opens the stream of one job, of a job a reader in turn. */
  open: (reader: number) => Promise<Response>
}

async function openCrowd(): Promise<Crowd> {
  const store = new CountedStore({ sweepIntervalMs: 0 })
  const handler = createHandler(store, { authorize: authorizeByHeader })
  for (let job = 0; job < JOBS; job++) await store.create(aJob({ id: `job-${job}`, userId: 'ann' }))
  return {
    store,
    open: (reader) => handler(requestOf(`/jobs/job-${reader % JOBS}/events`)),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

test('each gets its job’s events, and all is free when they go', async () => {
  await using crowd = await openCrowd()
  const readers = await Promise.all(
    Array.from({ length: READERS }, async (_, reader) => new SseReader(await crowd.open(reader))),
  )
  await Promise.all(readers.map((reader) => reader.take(1)))
  assert.equal(crowd.store.open, READERS)
  for (let job = 0; job < JOBS; job++) await crowd.store.updateProgress(`job-${job}`, { percent: 1 })
  const events = await Promise.all(readers.map((reader) => reader.take(1)))
  for (const [reader, [event]] of events.entries())
    assert.deepEqual([event?.data.jobId, event?.data.version], [`job-${reader % JOBS}`, 2])
  await Promise.all(readers.map((reader) => reader.cancel()))
  await eventually(() => assert.equal(crowd.store.open, 0), PATIENCE)
})

test('those that read nothing cost a bounded amount, however much happens', async () => {
  await using crowd = await openCrowd()
  const responses = await Promise.all(Array.from({ length: SILENT }, (_, reader) => crowd.open(reader)))
  const before = bytesInUse()
  const note = textOf(NOTE_BYTES)
  for (let round = 0; round < ROUNDS; round++) {
    for (let job = 0; job < JOBS; job++) await crowd.store.update(`job-${job}`, { note })
    await setImmediate()
    const bytes = Math.round((bytesInUse() - before) / SILENT)
    // In each round: what has no bound would take all the memory there is by the last one.
    assert.ok(bytes < MOST_BYTES_A_READER, `${bytes} bytes a reader after ${round + 1} rounds`)
  }
  await Promise.all(responses.map(({ body }) => body?.cancel() ?? Promise.resolve()))
  await eventually(() => assert.equal(crowd.store.open, 0), PATIENCE)
})

/** Without garbage, which for few streams would be most of it. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

test.run()
