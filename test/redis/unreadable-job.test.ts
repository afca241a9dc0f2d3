import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { fill, openWorkshop } from './support.ts'

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

test.run()
