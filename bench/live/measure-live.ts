import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { hrtime } from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'

import { Queue } from 'bullmq'
import { Redis } from 'ioredis'

import { messageOf } from '../../test/support/children.ts'
import { onProcessEnd } from '../../test/support/process-end.ts'
import type { JobStore } from '../../src/index.ts'
import { drive, runAll } from '../measure.ts'
import { aRecord, idOf, progressOf } from '../record.ts'
import { quantile } from '../statistics.ts'
import type { ReaderReport, What } from './reader.ts'

const EVENTS_A_SECOND = 2000
/** Jobs whose progress is written; so many readers there are where each reads one job. */
const LIVE_JOBS = 10_000
/** Jobs that take turns where latency is measured. */
const LATENCY_JOBS = 100
const BURST_IN_FLIGHT = 256

/** From the call of a write to a reader in another process, in ms. */
export interface LatencyRound {
  p50: number
  p99: number
}

/** What a process could take in of what was written as fast as possible. */
export interface DeliveryRound {
  events: number
  ms: number
  /** CPU time of the reading process. */
  cpuUs: number
}

export interface LiveMeasurement {
  eventsASecond: number
  readers: number
  latency: { jobledger: LatencyRound[]; bullmq: LatencyRound[] }
  delivery: { all: DeliveryRound[]; each: DeliveryRound[] }
  /** Connections to the server of a process that reads, its store's own included. */
  connections: { all: number; each: number }
}

export interface LivePlan {
  url: string
  /** The built package's main module. */
  built: string
  open: (name: string) => JobStore
  rounds: number
  durationMs: number
}

/** One event written; `at` says when its call was made, by the machine's clock, in ms. */
type Write = (turn: number, at: number) => Promise<unknown>

/** Latency at a steady rate beside BullMQ's, and what one reader of all and many of one job each can take in. */
export async function measureLive(plan: LivePlan): Promise<LiveMeasurement> {
  const name = 'live'
  const store = plan.open(name)
  const { hostname, port } = new URL(plan.url)
  const queue = new Queue(name, { connection: { host: hostname, port: Number(port) } })
  const admin = new Redis(plan.url)
  try {
    await runAll(LIVE_JOBS, (turn) => store.create(aRecord(turn)))
    const jobs = await Promise.all(
      Array.from({ length: LATENCY_JOBS }, (_, turn) => queue.add('transcode', aRecord(turn))),
    )
    const write: Write = (turn, at) => store.updateProgress(idOf(turn % LIVE_JOBS), { ...progressOf(turn), at })
    const writeFew: Write = (turn, at) => write(turn % LATENCY_JOBS, at)
    const writeQueue: Write = async (turn, at) => jobs[turn % LATENCY_JOBS]?.updateProgress({ ...progressOf(turn), at })
    const { delivery, connections } = await measureDelivery(plan, name, write, admin)
    await using own = await startReader('all', plan, name)
    await using theirs = await startReader('bullmq', plan, name)
    const latency: LiveMeasurement['latency'] = { jobledger: [], bullmq: [] }
    const takeOwn = async (): Promise<void> =>
      void latency.jobledger.push(await measureLatency(own.child, writeFew, plan.durationMs))
    const takeTheirs = async (): Promise<void> =>
      void latency.bullmq.push(await measureLatency(theirs.child, writeQueue, plan.durationMs))
    for (let round = 0; round < plan.rounds; round++) {
      // Each comes first in turn: whatever one leaves behind is not always the other's.
      const turns = round % 2 === 0 ? [takeOwn, takeTheirs] : [takeTheirs, takeOwn]
      for (const take of turns) await take()
    }
    return { eventsASecond: EVENTS_A_SECOND, readers: LIVE_JOBS, latency, delivery, connections }
  } finally {
    admin.disconnect()
    await Promise.all([store.close(), queue.close()])
  }
}

async function measureDelivery(
  plan: LivePlan,
  name: string,
  write: Write,
  admin: Redis,
): Promise<Pick<LiveMeasurement, 'delivery' | 'connections'>> {
  const before = await connectionsOf(admin)
  await using all = await startReader('all', plan, name)
  await measureBurst(all.child, write, plan.durationMs)
  const withOne = await connectionsOf(admin)
  await using each = await startReader('each', plan, name)
  await measureBurst(each.child, write, plan.durationMs)
  const connections = { all: withOne - before, each: (await connectionsOf(admin)) - withOne }
  const delivery: LiveMeasurement['delivery'] = { all: [], each: [] }
  // Both have warmed up by now, and read all the time, and each is asked in its turn: the other one's share of the machine is the same.
  for (let round = 0; round < plan.rounds; round++)
    for (const [what, { child }] of [
      ['all', all],
      ['each', each],
    ] as const) {
      delivery[what].push(await measureBurst(child, write, plan.durationMs))
      await delay(200)
    }
  return { delivery, connections }
}

async function measureBurst(reader: ChildProcess, write: Write, durationMs: number): Promise<DeliveryRound> {
  await begin(reader)
  const reported = messageOf<ReaderReport>(reader)
  const task = { run: (turn: number): Promise<unknown> => write(turn, 0) }
  const { turns } = await drive(task, { inFlight: BURST_IN_FLIGHT, durationMs, maxTurns: Infinity })
  reader.send(turns)
  const { ms, cpuUs } = await reported
  return { events: turns, ms, cpuUs }
}

/** Writes at a steady rate; the time of each runs from its call. The first tenth warms up. */
async function measureLatency(reader: ChildProcess, write: Write, durationMs: number): Promise<LatencyRound> {
  await begin(reader)
  const reported = messageOf<ReaderReport>(reader)
  const total = Math.ceil((durationMs / 1000) * EVENTS_A_SECOND)
  const calls: Promise<unknown>[] = []
  const startedAt = performance.now()
  for (let turn = 0; turn < total; turn++) {
    const dueAt = startedAt + (turn * 1000) / EVENTS_A_SECOND
    if (dueAt > performance.now()) await delay(dueAt - performance.now())
    calls.push(write(turn, Number(hrtime.bigint()) / 1e6))
  }
  await Promise.all(calls)
  reader.send(total)
  const latencies = (await reported).latencies.slice(Math.floor(total / 10)).sort((left, right) => left - right)
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }
}

async function begin(reader: ChildProcess): Promise<void> {
  const begun = messageOf<'begun'>(reader)
  reader.send('begin')
  await begun
}

async function startReader(
  what: What,
  { built, url }: LivePlan,
  name: string,
): Promise<AsyncDisposable & { child: ChildProcess }> {
  const child = fork(`${import.meta.dirname}/reader${extname(import.meta.filename)}`, [
    what,
    built,
    url,
    name,
    String(LIVE_JOBS),
  ])
  const forget = onProcessEnd(() => child.kill('SIGKILL'))
  const dispose = async (): Promise<void> => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    forget()
  }
  await messageOf<'ready'>(child)
  return { child, [Symbol.asyncDispose]: dispose }
}

async function connectionsOf(redis: Redis): Promise<number> {
  return Number(/^connected_clients:(\d+)/m.exec(await redis.info('clients'))?.[1])
}
