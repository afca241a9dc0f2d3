import { Redis } from 'ioredis'

import type { JobStore } from '../../src/contract.ts'
import { keysOf } from '../../src/redis/keys.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { startRedis } from '../support/redis-server.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { newPlace, openAt, type Place } from './harness/place.ts'
import { isStoreError } from './harness/ledger.ts'

/** What is planted stays, and is met by what walks over a list. */
const JOBS_A_STORE = 250
/** How long one reading may take: a length of four thousand million is not believed. */
const PATIENCE_MS = 2000

faultTest({
  name: 'decoder',
  promises: ['P14'],
  amount: { short: 60, long: 5000 },
  floor: (amount) => amount / 4,
  mutants: ['what is no msgpack ends as an error of the decoder'],
  run: feedTheDecoder,
})

/**
 * Puts bytes that the store did not write where its values stand, in a job's hash and in an event's data, and reads. What
 * comes back is a value or an error of the store; a hit is a reading that was refused.
 */
async function feedTheDecoder(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  using _ = { [Symbol.dispose]: () => redis.disconnect() }
  let place = newPlace(server, 1)
  const before = shapeOfPrototype()
  const violations: string[] = []
  let hits = 0
  for (let round = 0; round < context.amount; round++) {
    if (round % JOBS_A_STORE === 0) place = newPlace(server, 1)
    const bytes = anyBytes(context.random)
    const jobId = `job-${round}`
    await (round % 2 === 0 ? plantInHash : plantInEvent)(redis, place, jobId, bytes)
    await using store = await openAt(place, { build: context.build, retryForMs: 5000 })
    const fates = await Promise.all(readings(store, jobId).map((reading) => fateOf(reading)))
    if (fates.includes('refused')) hits++
    for (const fate of fates)
      if (fate !== 'read' && fate !== 'refused') violations.push(`${bytes.toString('hex').slice(0, 200)}: ${fate}`)
  }
  if (shapeOfPrototype() !== before) violations.push('Object.prototype is not what it was')
  return { hits, violations }
}

/** A job whose own fields are such bytes. */
async function plantInHash(redis: Redis, place: Place, jobId: string, bytes: Buffer): Promise<void> {
  await createJob(place, jobId)
  await redis.hset(keysOf(place.prefix, 0).job(jobId), { progress: bytes, note: bytes })
}

/** A job whose newest event has such bytes as its data, its metadata and the list of what it removed. */
async function plantInEvent(redis: Redis, place: Place, jobId: string, bytes: Buffer): Promise<void> {
  await createJob(place, jobId)
  const { events, meta, job } = keysOf(place.prefix, 0)
  const [newest] = (await redis.xrevrange(events, '+', '-', 'COUNT', 1)) as [[string, string[]]]
  const values = Object.fromEntries(pairsOf(newest[1]))
  const sequence = Number(values['n']) + 1
  const version = Number(values['version']) + 1
  const named = { ...values, n: sequence, version, previous: newest[0], removed: bytes, meta: bytes, data: bytes }
  const id = String(await redis.xadd(events, '*', ...Object.entries(named).flat()))
  await redis.hset(job(jobId), { '@version': version, '@event': id, progress: Buffer.from(`\xc1${id}`, 'latin1') })
  await redis.hset(meta, { sequence, newest: id })
}

async function createJob(place: Place, jobId: string): Promise<void> {
  await using store = await openAt(place, { build: null })
  await store.create(aJob({ id: jobId, progress: { percent: 1, message: 'x'.repeat(200) } }))
  await store.updateProgress(jobId, { percent: 2 })
}

function pairsOf(values: readonly string[]): [string, string][] {
  return values.flatMap((name, at) => (at % 2 === 0 ? [[name, values[at + 1] as string]] : []))
}

function readings(store: JobStore<AnyJob>, jobId: string): (() => Promise<unknown>)[] {
  return [
    () => store.findById(jobId),
    () => store.findByUserId('user-1', { limit: 3 }),
    () => collect(store.history(jobId)),
    () => store.findByIdAsOf(jobId, { version: 3 }),
    () => store.updateProgress(jobId, { percent: 3 }),
  ]
}

async function fateOf(reading: () => Promise<unknown>): Promise<string> {
  const startedAt = performance.now()
  const fate = await reading().then(
    () => 'read',
    (error: unknown) => (isStoreError(error) ? 'refused' : `failed with ${(error as Error).name}`),
  )
  return performance.now() - startedAt > PATIENCE_MS ? 'took too long' : fate
}

/** Random bytes, deep nesting, huge lengths, names that are dangerous, and msgpack with a byte changed. */
function anyBytes(random: () => number): Buffer {
  const byte = (): number => Math.floor(random() * 256)
  switch (Math.floor(random() * 5)) {
    case 0:
      return Buffer.from(Array.from({ length: 1 + Math.floor(random() * 60) }, byte))
    case 1:
      return Buffer.alloc(1 + Math.floor(random() * 20_000), random() < 0.5 ? 0x91 : 0x81)
    case 2:
      return Buffer.from([
        [0xdd, 0xdf, 0xdb, 0xc6, 0xc9][Math.floor(random() * 5)] as number,
        0xff,
        0xff,
        0xff,
        0xff,
        byte(),
      ])
    case 3:
      return Buffer.from([0x81, 0xa9, ...Buffer.from('__proto__'), 0x81, 0xa8, ...Buffer.from('polluted'), 0xc3])
    default: {
      const bytes = Buffer.from([
        0x82,
        0xa7,
        ...Buffer.from('percent'),
        0x05,
        0xa5,
        ...Buffer.from('stage'),
        0xa3,
        0x61,
        0x62,
        0x63,
      ])
      bytes[Math.floor(random() * bytes.length)] = byte()
      return bytes
    }
  }
}

function shapeOfPrototype(): string {
  return JSON.stringify([Object.getOwnPropertyNames(Object.prototype), 'polluted' in {}])
}
