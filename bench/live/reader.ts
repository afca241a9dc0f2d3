/**
 * A process that reads what another one writes: `reader.ts <what> <package> <url> <name> <jobs>`. Says 'ready' once nothing is
 * missed any more; is told how many events there are to be, and reports on them once they have come.
 */
import { createRequire } from 'node:module'
import { hrtime } from 'node:process'

import type { JobEvent, JobStore } from '../../src/index.ts'
import { idOf } from '../record.ts'

/** What is read: all events by one reader, the same in BullMQ, or each job's by a reader of its own. */
export type What = 'all' | 'bullmq' | 'each'

/** What a reader tells of what it was given. */
export interface ReaderReport {
  /** From the write's call to the reader, in ms; of events that say when that was. */
  latencies: number[]
  /** From the first event to the last, in ms. */
  ms: number
  /** CPU time of this process from the first event to the last, in µs. */
  cpuUs: number
}

const [what = 'all', built = '', url = '', name = '', jobs = '0'] = process.argv.slice(2)
let report: ReaderReport = { latencies: [], ms: 0, cpuUs: 0 }
let expected = Infinity
let come = 0
let firstAt = 0
let cpuBefore = process.cpuUsage()

process.on('message', (message: number | 'begin') => {
  if (message === 'begin') begin()
  else {
    expected = message
    reportIfDone()
  }
})
if (what === 'bullmq') await readQueue()
else await readStore()
process.send?.('ready')

function begin(): void {
  report = { latencies: [], ms: 0, cpuUs: 0 }
  expected = Infinity
  come = 0
  process.send?.('begun')
}

function take(at: unknown): void {
  if (come++ === 0) {
    firstAt = performance.now()
    cpuBefore = process.cpuUsage()
  }
  if (typeof at === 'number') report.latencies.push(Number(hrtime.bigint()) / 1e6 - at)
  reportIfDone()
}

function reportIfDone(): void {
  if (come < expected) return
  const { user, system } = process.cpuUsage(cpuBefore)
  process.send?.({ ...report, ms: performance.now() - firstAt, cpuUs: user + system })
}

async function readStore(): Promise<void> {
  const { createJobStore } = (await import(built)) as typeof import('../../src/index.ts')
  const store: JobStore = createJobStore({ type: 'redis', url, prefix: name, sweepIntervalMs: 0 })
  await store.ready()
  const filters = what === 'all' ? [{}] : Array.from({ length: Number(jobs) }, (_, job) => ({ jobId: idOf(job) }))
  for (const filter of filters) void readOn(store.subscribe(filter))
  // Written behind all that subscribing asks of the server.
  await store.stats()
}

async function readOn(events: AsyncIterable<JobEvent>): Promise<void> {
  for await (const { data } of events) take(data.progress?.['at'])
}

async function readQueue(): Promise<void> {
  const { QueueEvents } = createRequire(import.meta.url)('bullmq') as typeof import('bullmq')
  const { hostname, port } = new URL(url)
  const events = new QueueEvents(name, { connection: { host: hostname, port: Number(port) } })
  await events.waitUntilReady()
  events.on('progress', ({ data }) => take((data as { at?: number }).at))
}
