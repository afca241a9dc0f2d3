import assert from 'node:assert/strict'

import type { Redis } from 'ioredis'
import { suite } from 'uvu'

import type { Drift } from '../../src/contract.ts'
import type { PartitionKeys } from '../../src/redis/keys.ts'
import { pictureOf } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import { fill, openWorkshop, UNCOUNTABLE } from './support.ts'

const test = suite('P7, P12: drift in Redis is found, named and put right')

/** One kind of damage, done by hand, and what verify() must say of it. */
interface Damage {
  name: string
  break: (redis: Redis, keys: PartitionKeys) => Promise<unknown>
  expected: Partial<Drift>
}

const STRANGER = {
  '@version': '1',
  '@event': '5-5',
  status: 'queued',
  userId: 'user-1',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2036-01-01T00:00:00.000Z',
}

const damages: Damage[] = [
  {
    name: 'a plain field changed',
    break: (redis, keys) => redis.hset(keys.job('job-1'), 'status', 'failed'),
    expected: { kind: 'field', jobId: 'job-1', field: 'status', expected: 'pending', actual: 'failed' },
  },
  {
    name: 'a field that refers to an event made to say something else',
    break: (redis, keys) => redis.hset(keys.job('job-1'), 'progress', Buffer.from([0x81, 0xa1, 0x61, 0x01])),
    expected: { kind: 'field', jobId: 'job-1', field: 'progress', actual: { a: 1 } },
  },
  {
    name: 'a field that can not be read',
    break: (redis, keys) => redis.hset(keys.job('job-1'), 'progress', Buffer.from([0xc7, 1])),
    expected: { kind: 'field', jobId: 'job-1', field: 'progress' },
  },
  {
    name: 'a field added',
    break: (redis, keys) => redis.hset(keys.job('job-1'), 'extra', Buffer.from([0x05])),
    expected: { kind: 'field', jobId: 'job-1', field: 'extra', expected: undefined, actual: 5 },
  },
  {
    name: 'a field that scripts need gone',
    break: (redis, keys) => redis.hdel(keys.job('job-1'), 'expiresAt'),
    expected: { kind: 'field', jobId: 'job-1', field: 'expiresAt' },
  },
  {
    name: 'the reference to all its own fields gone',
    break: (redis, keys) => redis.hdel(keys.job('job-6'), '@base'),
    expected: { kind: 'field', jobId: 'job-6', field: 'large' },
  },
  {
    name: 'a removed field back again',
    break: (redis, keys) => redis.hdel(keys.job('job-6'), 'small'),
    expected: { kind: 'field', jobId: 'job-6', field: 'small', expected: undefined, actual: 1 },
  },
  {
    name: 'its version changed',
    break: (redis, keys) => redis.hset(keys.job('job-1'), '@version', '77'),
    expected: { kind: 'field', jobId: 'job-1', field: 'version', expected: 2, actual: 77 },
  },
  {
    name: 'its newest event changed',
    break: (redis, keys) => redis.hset(keys.job('job-1'), '@event', '1-1'),
    expected: { kind: 'field', jobId: 'job-1', field: 'lastEventId' },
  },
  {
    name: 'a job deleted',
    break: (redis, keys) => redis.del(keys.job('job-1')),
    expected: { kind: 'missingJob', jobId: 'job-1', actual: null },
  },
  {
    name: 'a job replaced by text',
    break: (redis, keys) => redis.pipeline().del(keys.job('job-1')).set(keys.job('job-1'), 'x').exec(),
    expected: { kind: 'missingJob', jobId: 'job-1' },
  },
  {
    name: 'a tombstone lost',
    break: (redis, keys) => redis.del(keys.job('job-7')),
    expected: { kind: 'missingJob', jobId: 'job-7', field: 'tombstone' },
  },
  {
    name: 'an ended job alive again',
    break: (redis, keys) => redis.hset(keys.job('job-7'), { ...STRANGER, '@version': '3' }),
    expected: { kind: 'orphanJob', jobId: 'job-7' },
  },
  {
    name: 'an orphan job',
    break: (redis, keys) => redis.hset(keys.job('stranger'), STRANGER),
    expected: { kind: 'orphanJob', jobId: 'stranger' },
  },
  {
    name: "an entry missing in a user's list",
    break: (redis, keys) => redis.zrem(keys.user('user-1'), 'job-1'),
    expected: { kind: 'userIndex', jobId: 'job-1', userId: 'user-1', actual: null },
  },
  {
    name: "an entry at another place in a user's list",
    break: (redis, keys) => redis.zadd(keys.user('user-1'), 5, 'job-1'),
    expected: { kind: 'userIndex', jobId: 'job-1', userId: 'user-1', actual: new Date(5) },
  },
  {
    name: "an entry left over in another user's list",
    break: (redis, keys) => redis.zadd(keys.user('user-1'), 5, 'job-8'),
    expected: { kind: 'userIndex', jobId: 'job-8', userId: 'user-1', expected: null },
  },
  {
    name: 'an entry missing in a list by status',
    break: (redis, keys) => redis.zrem(keys.userStatus('user-1', 'pending'), 'job-1'),
    expected: { kind: 'statusIndex', jobId: 'job-1', userId: 'user-1', actual: null },
  },
  {
    name: 'an entry left over in a list by status',
    break: (redis, keys) => redis.zadd(keys.userStatus('user-1', 'failed'), 5, 'job-1'),
    expected: { kind: 'statusIndex', jobId: 'job-1', userId: 'user-1', field: 'failed', expected: null },
  },
  {
    name: 'an entry missing in the expiry queue',
    break: (redis, keys) => redis.zrem(keys.expiry, 'job-1'),
    expected: { kind: 'expiryIndex', jobId: 'job-1', actual: null },
  },
  {
    name: 'an entry left over in the expiry queue',
    break: (redis, keys) => redis.zadd(keys.expiry, 4e12, 'job-7'),
    expected: { kind: 'expiryIndex', jobId: 'job-7', expected: null },
  },
  {
    name: 'the expiry queue replaced by text',
    break: (redis, keys) => redis.pipeline().del(keys.expiry).set(keys.expiry, 'x').exec(),
    expected: { kind: 'expiryIndex', jobId: 'job-1', actual: null },
  },
  ...[1, -1, 5].map((by) => ({
    name: `a count off by ${by}`,
    break: (redis: Redis, keys: PartitionKeys) => redis.hincrby(keys.counts, 'pending', by),
    expected: { kind: 'statusCount', field: 'pending', expected: 8, actual: 8 + by } as const,
  })),
  ...UNCOUNTABLE.map((text) => ({
    name: `a count that is no number, but ${text},`,
    break: (redis: Redis, keys: PartitionKeys) => redis.hset(keys.counts, 'pending', text),
    expected: { kind: 'statusCount', field: 'pending', expected: 8, actual: -1 } as const,
  })),
  {
    name: 'all counts gone',
    break: (redis, keys) => redis.del(keys.counts),
    expected: { kind: 'statusCount', field: 'queued', expected: 1, actual: 0 },
  },
  {
    name: 'the number of the newest event changed',
    break: (redis, keys) => redis.hset(keys.meta, 'sequence', '3'),
    expected: { kind: 'field', field: 'sequence' },
  },
  {
    name: "a key that is nobody's",
    break: (redis, keys) => redis.set(`${keys.base}other`, 'x'),
    expected: { kind: 'orphanJob', expected: null },
  },
]

for (const damage of damages) {
  test(`${damage.name}: found and named by verify(), put right by rebuild()`, async () => {
    await using workshop = await openWorkshop()
    const { store, redis, keys } = workshop
    await fill(store)
    const before = await pictureOf(store)
    assert.deepEqual((await store.verify()).drift, [])

    await damage.break(redis, keys)
    const { ok, drift, driftCount } = await store.verify()
    assert.ok(!ok && driftCount === drift.length && driftCount > 0)
    const found = drift.map((one) => pick(one, damage.expected))
    assert.ok(
      found.some((one) => isSame(one, damage.expected)),
      `${JSON.stringify(damage.expected)} is not among ${JSON.stringify(drift)}`,
    )

    assert.ok((await store.rebuild()).repaired > 0)
    assert.deepEqual((await store.verify()).drift, [])
    const reader = workshop.open()
    assert.deepEqual(await pictureOf(reader), before)
    await assertStateIsFold(reader)
    assert.equal((await store.rebuild()).repaired, 0)
  })
}

/** The same facts of what was found as are expected. */
function pick(drift: Drift, expected: Partial<Drift>): Record<string, unknown> {
  const facts = drift as unknown as Record<string, unknown>
  return Object.fromEntries(Object.keys(expected).map((fact) => [fact, facts[fact]]))
}

function isSame(found: Record<string, unknown>, expected: Partial<Drift>): boolean {
  try {
    assert.deepEqual(found, expected)
    return true
  } catch {
    return false
  }
}

test('everything damaged at once, also in seven partitions, is put right', async () => {
  await using workshop = await openWorkshop({ partitions: 7 })
  const { store, redis, prefix } = workshop
  await fill(store)
  const before = await pictureOf(store)
  const keys = await redis.keys(`{${prefix}:*`)
  for (const key of keys.filter((name) => /:(job:|user|counts|expiry)/.test(name))) await redis.del(key)
  assert.equal((await store.verify()).ok, false)
  assert.ok((await store.rebuild()).repaired > 0)
  assert.deepEqual((await store.verify()).drift, [])
  assert.deepEqual(await pictureOf(store), before)
})

test.run()
