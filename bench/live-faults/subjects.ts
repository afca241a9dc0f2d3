import { Queue, QueueEvents, type ConnectionOptions, type Job as QueueJob } from 'bullmq'
import { Redis } from 'ioredis'

import { CursorGapError, LogRewoundError, RedisJobStore, SlowConsumerError, type JobStore } from '../../src/index.ts'
import { aRecord, idOf } from '../record.ts'

/** A reader that is never left: what has come for it. */
export interface LiveReading {
  /** Of each event, in the order in which they came. */
  serials: number[]
  /** Where it stands, for a reader that goes on after it. */
  place: string | null
  /** Errors that say that events are missing. */
  told: string[]
  close(): Promise<void>
}

/** What writes numbered events, and reads them live. */
export interface Subject {
  name: string
  write(serial: number): Promise<unknown>
  /** @param after a reading's place; null: from now on */
  read(url: string, after: string | null): Promise<LiveReading>
  /** Drops what readers should have had by now, as its owner would; null where it does so by itself. */
  drop: (() => Promise<unknown>) | null
  close(): Promise<void>
}

const NAME = 'faults'
const RETRY_FOR_MS = 30_000

/** One job, each event with its serial number in its progress. */
export async function openJobledger(url: string): Promise<Subject> {
  const store = openStore(url)
  await store.create(aRecord(0))
  return {
    name: 'jobledger subscribe',
    write: (serial) => store.updateProgress(idOf(0), { percent: 0, serial }),
    read: async (at, after) => readStore(openStore(at), after),
    drop: () => store.compact({ before: new Date(Date.now() + 60_000) }),
    close: () => store.close(),
  }
}

function openStore(url: string): JobStore {
  return new RedisJobStore(url, { prefix: NAME, retryForMs: RETRY_FOR_MS })
}

/** Goes on after each error as the error says. */
async function readStore(store: JobStore, after: string | null): Promise<LiveReading> {
  await store.ready()
  const reading: LiveReading = { serials: [], place: after, told: [], close: () => store.close() }
  /** @returns true once the store is closed */
  const readOn = async (): Promise<boolean> => {
    for await (const { cursor, data } of store.subscribe(reading.place === null ? {} : { after: reading.place })) {
      reading.place = cursor
      reading.serials.push(Number(data.progress?.['serial'] ?? 0))
    }
    return true
  }
  const goOn = (error: unknown): boolean => {
    reading.told.push(String((error as { code?: unknown }).code))
    if (error instanceof CursorGapError) reading.place = error.oldest
    else if (error instanceof LogRewoundError) reading.place = error.newest
    else if (error instanceof SlowConsumerError) reading.place = error.cursor
    return false
  }
  const readAll = async (): Promise<void> => {
    let isOver = false
    while (!isOver) isOver = await readOn().catch(goOn)
  }
  void readAll()
  // Answered behind all that subscribing asks of the server.
  await store.stats()
  return reading
}

/** One job in a queue, each progress with its serial number. */
export async function openBullMq(url: string): Promise<Subject> {
  const queue = new Queue(NAME, { connection: connectionOf(url) })
  queue.on('error', () => {})
  const job: QueueJob = await queue.add('transcode', aRecord(0))
  return {
    name: 'BullMQ QueueEvents',
    write: (serial) => job.updateProgress({ serial }),
    read: async (at, after) => readQueue(at, after),
    drop: null,
    close: () => queue.close(),
  }
}

async function readQueue(url: string, after: string | null): Promise<LiveReading> {
  const lastEventId = after ?? (await newestId(url))
  const events = new QueueEvents(NAME, { connection: connectionOf(url), lastEventId })
  // Lost connections are told so; that events are missing never is.
  events.on('error', () => {})
  await events.waitUntilReady()
  // close() and disconnect() wait for a read that is blocked, at times for ever.
  const close = async (): Promise<void> => void events.disconnect().catch(() => {})
  const reading: LiveReading = { serials: [], place: after, told: [], close }
  events.on('progress', ({ data }, id) => {
    reading.place = id
    reading.serials.push((data as { serial: number }).serial)
  })
  return reading
}

/** By itself it begins at some moment after it is ready: what is written until then would count as lost. */
async function newestId(url: string): Promise<string> {
  const redis = new Redis(url)
  const [newest] = await redis.xrevrange(`bull:${NAME}:events`, '+', '-', 'COUNT', 1)
  redis.disconnect()
  return newest?.[0] ?? '0'
}

function connectionOf(url: string): ConnectionOptions {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null }
}
