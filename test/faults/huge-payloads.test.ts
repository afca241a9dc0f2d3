import { Redis } from 'ioredis'

import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { startRedis } from '../support/redis-server.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { newPlace, openAt } from './harness/place.ts'
import { codeOf } from './support/code-of.ts'
import { changedKeys, dumpAll } from './support/keyspace.ts'

const MIB = 1_048_576
/** What the refused calls may have sent to the server together: nothing of theirs, but pings and the like. */
const MOST_SENT = 100_000

faultTest({
  name: 'huge payloads',
  promises: ['P3', 'P18'],
  // MiB.
  amount: { short: 4, long: 100 },
  floor: () => 20,
  mutants: ['the size of an event is not looked at'],
  run: sendHugePayloads,
})

/** Payloads that nobody should keep in a job: each is refused where it is given, and Redis never hears of it. */
async function sendHugePayloads(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  await using store = await openAt(newPlace(server, 1), { build: context.build })
  await store.create(aJob({ id: 'a' }))
  const [keysBefore, bytesBefore] = [await dumpAll(redis), await bytesIn(redis)]
  const violations: string[] = []
  let hits = 0
  for (const { name, value, code } of payloadsOf(context.amount * MIB))
    for (const [verb, call] of Object.entries(callsWith(store, value))) {
      const found = await call().then(() => 'taken', codeOf)
      if (found === code) hits++
      else violations.push(`${verb} with ${name}: ${found} instead of ${code}`)
    }
  const sent = (await bytesIn(redis)) - bytesBefore
  if (sent > MOST_SENT) violations.push(`${sent} bytes were sent`)
  const changed = changedKeys(keysBefore, await dumpAll(redis))
  if (changed.length > 0) violations.push(`changed ${changed.join(', ')}`)
  if ((await store.updateProgress('a', { percent: 1 })) === null) violations.push('a job is gone')
  redis.disconnect()
  return { hits, violations, figures: `${hits} payloads of ${context.amount} MiB; ${sent} bytes sent meanwhile` }
}

interface Payload {
  name: string
  value: unknown
  code: string
}

function payloadsOf(bytes: number): Payload[] {
  let nested: unknown = 'bottom'
  for (let depth = 0; depth < bytes / 1000; depth++) nested = [nested]
  return [
    { name: 'a text', value: 'x'.repeat(bytes), code: 'PAYLOAD_TOO_LARGE' },
    { name: 'a buffer', value: Buffer.alloc(bytes), code: 'PAYLOAD_TOO_LARGE' },
    { name: 'numbers', value: Array.from({ length: bytes / 8 }, () => 0.5), code: 'PAYLOAD_TOO_LARGE' },
    { name: 'arrays in arrays', value: nested, code: 'INVALID_JOB' },
  ]
}

function callsWith(store: JobStore<AnyJob>, value: unknown): Record<string, () => Promise<unknown>> {
  return {
    create: () => store.create(aJob({ id: 'b', options: { value } })),
    update: () => store.update('a', { result: value }),
    updateProgress: () => store.updateProgress('a', { percent: 1, value }),
    'updateStatus, in meta': () => store.updateStatus('a', 'queued', { meta: { value } }),
    'delete, in meta': () => store.delete('a', { meta: { value } }),
  }
}

async function bytesIn(redis: Redis): Promise<number> {
  return Number(/total_net_input_bytes:(\d+)/.exec(await redis.info('stats'))?.[1])
}
