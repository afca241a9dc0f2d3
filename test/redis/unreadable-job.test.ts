import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { keysOf } from '../../src/redis/keys.ts'
import { aJob } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { fill, openWorkshop, UNCOUNTABLE } from './support.ts'

const test = suite('A job whose hash is spoiled')

test('keeps no others from being read, that were asked for at once', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  const { redis, keys, open } = workshop
  await redis.hset(keys.job('job-1'), 'small', Buffer.from([0xc6, 0xff, 0xff, 0xff, 0xff]))
  const fresh = open()
  const told = await Promise.allSettled(['job-0', 'job-1', 'job-2', 'none'].map((id) => fresh.findById(id)))
  assert.deepEqual(
    told.map((one) => (one.status === 'fulfilled' ? one.value?.id : (one.reason as { code: string }).code)),
    ['job-0', 'PROJECTION_LOST', 'job-2', undefined],
  )
})

test('that names no event does not end a script which has written: the log stays whole', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  const { redis, keys, open } = workshop
  await redis.hset(keys.job('job-1'), 'small', Buffer.from([0xc1, 0x8a, 0xa1]))
  const fresh = open()
  await Promise.all([
    fresh.updateProgress('job-0', { percent: 1 }),
    fresh.updateProgress('job-1', { percent: 1 }),
    fresh.updateProgress('job-1', { percent: 2 }, { commandId: 'a' }),
  ])
  assert.equal(await redis.xlen(keys.events), Number(await redis.hget(keys.meta, 'sequence')))
  assert.equal(await redis.hget(keys.job('job-1'), '@version'), '4')
})

test('by a time that is none, however much it looks like one, is not written half', async () => {
  await using workshop = await openWorkshop()
  const { store, redis, keys } = workshop
  await fill(store)
  for (const createdAt of [`${'9'.repeat(400)}-01-01T00:00:00.000Z`, `-${'9'.repeat(20)}-01-01T00:00:00.000Z`]) {
    await redis.hset(keys.job('job-1'), 'createdAt', createdAt)
    const before = await redis.xlen(keys.events)
    await assert.rejects(store.updateStatus('job-1', 'queued'), { code: 'PROJECTION_LOST' })
    assert.equal(await redis.xlen(keys.events), before)
  }
})

test('or whose count is, is not written half', async () => {
  await using workshop = await openWorkshop()
  const { store, redis, keys } = workshop
  await fill(store)
  for (const count of UNCOUNTABLE) {
    await redis.hset(keys.counts, 'pending', count)
    const before = await Promise.all([redis.xlen(keys.events), redis.zcard(keys.user('user-1'))])
    await assert.rejects(store.create(aJob({ id: 'new' })), { code: 'PROJECTION_LOST' })
    await assert.rejects(store.delete('job-1'), { code: 'PROJECTION_LOST' })
    await assert.rejects(store.updateStatus('job-1', 'queued'), { code: 'PROJECTION_LOST' })
    assert.deepEqual(await Promise.all([redis.xlen(keys.events), redis.zcard(keys.user('user-1'))]), before)
    assert.equal((await store.rebuild()).repaired, 1)
    assert.equal((await store.verify()).ok, true)
  }
})

test('so that it can not be swept when its time has come is listed no more, and what can not be counted is not', async () => {
  for (const partitions of [1, 3]) {
    await using workshop = await openWorkshop({ partitions })
    const { store, redis, prefix } = workshop
    for (const index of [1, 2, 3, 4]) await store.create(aJob({ id: `stays-${index}` }))
    await store.create(aJob({ id: 'due', status: 'failed', expiresAt: new Date(Date.now() + 300) }))
    assert.equal((await store.findByUserId('user-1')).length, 5)
    for (let index = 0; index < partitions; index++) await redis.hset(keysOf(prefix, index).counts, 'failed', 'abc')
    await eventually(async () => assert.equal(await store.findById('due'), null))
    for (const reader of [store, workshop.open()])
      for (const limit of [1, 4, 20]) {
        const listed = await reader.findByUserId('user-1', { limit })
        assert.equal(listed.length, Math.min(limit, 4))
        assert.ok(listed.every(({ id }) => id.startsWith('stays')))
      }
    await assert.rejects(store.countByStatus('failed'), { code: 'PROJECTION_LOST' })
    await assert.rejects(store.stats(), { code: 'PROJECTION_LOST' })
    assert.equal(await store.countByStatus('pending'), 4)
    await store.rebuild()
    assert.equal(await store.countByStatus('failed'), 0)
    assert.equal((await store.stats()).jobs, 4)
  }
})

const SPOILED_LINKS = [
  ...['garbage', '', '5', '5-', '1-2-3', '0x1-1', '$'].map((text) => ['@event', text] as const),
  ...['nan', 'inf', '-5', '1.5', '0x10', ' 3 ', '1e3', '9'.repeat(16)].map((text) => ['@version', text] as const),
]

for (const [field, text] of SPOILED_LINKS)
  test(`by ${field} '${text}' is not carried on into the log, and its history waits for a rebuild`, async () => {
    await using workshop = await openWorkshop()
    const { store, redis, keys } = workshop
    await store.create(aJob({ id: 'a' }))
    await redis.hset(keys.job('a'), field, text)
    const writes = [
      () => store.updateProgress('a', { percent: 1 }),
      () => store.updateStatus('a', 'queued'),
      () => store.delete('a'),
      () => store.create(aJob({ id: 'a' })),
    ]
    for (const write of writes) await assert.rejects(write, { code: 'PROJECTION_LOST' })
    assert.equal(await redis.xlen(keys.events), 1)
    if (field === '@event' && text !== '')
      await assert.rejects(versionsOf(store.history('a')), { code: 'PROJECTION_LOST' })
    assert.ok((await store.rebuild()).repaired > 0)
    assert.equal((await store.updateProgress('a', { percent: 1 }))?.progress.percent, 1)
    assert.deepEqual(await versionsOf(store.history('a')), ['a 1', 'a 2'])
  })

test('so that it names an event of another job never shows that one in its history', async () => {
  await using workshop = await openWorkshop()
  const { store, redis, keys } = workshop
  await store.create(aJob({ id: 'a' }))
  await store.create(aJob({ id: 'b', userId: 'user-2' }))
  await redis.hset(keys.job('a'), '@event', (await redis.hget(keys.job('b'), '@event')) as string)
  await assert.rejects(versionsOf(store.history('a')), { code: 'PROJECTION_LOST' })
  await store.updateProgress('a', { percent: 1 })
  assert.deepEqual(await versionsOf(store.history('a')), ['a 2'])
  assert.deepEqual(await versionsOf(store.history('b')), ['b 1'])
})

async function versionsOf(history: AsyncIterable<{ jobId: string; version: number }>): Promise<string[]> {
  const versions: string[] = []
  for await (const { jobId, version } of history) versions.push(`${jobId} ${version}`)
  return versions
}

test.run()
