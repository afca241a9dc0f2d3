import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { assertStateIsFold } from '../contract/fold.ts'
import { aJob, fieldsOf, HOUR_MS } from '../contract/jobs.ts'
import { openWorkshop, type Workshop } from './support.ts'

const test = suite('A job in Redis with more fields than Lua can unpack at once')

/** Two updates of 3,000 fields each. */
async function grow({ store }: Workshop): Promise<void> {
  await store.create(aJob())
  await store.update('job-1', fieldsOf(3000, 'first'))
  await store.update('job-1', fieldsOf(3000, 'second'))
}

test('is created, read and put right', async () => {
  await using workshop = await openWorkshop({ inlineBytes: Infinity })
  const { store, redis, keys, open } = workshop
  const job = aJob(fieldsOf(5000))
  await store.create(job)
  assert.deepEqual(await open().findById('job-1'), job)
  assert.ok((await redis.hlen(keys.job('job-1'))) > 5000)
  assert.deepEqual((await store.verify()).drift, [])
  await redis.del(keys.job('job-1'))
  await store.rebuild()
  assert.deepEqual((await store.verify()).drift, [])
  assert.deepEqual(await open().findById('job-1'), job)
})

const damages: Record<string, (workshop: Workshop) => Promise<unknown>> = {
  'some of it is changed': ({ redis, keys }) =>
    redis.hset(keys.job('job-1'), { 'first 5': 'x', 'second 2999': '\u0007' }),
  'half of it is gone': ({ redis, keys }) => redis.hdel(keys.job('job-1'), ...Object.keys(fieldsOf(3000, 'second'))),
  'all of it is gone': ({ redis, keys }) => redis.del(keys.job('job-1')),
}

for (const [name, damage] of Object.entries(damages))
  test(`is put right by rebuild() when ${name}`, async () => {
    await using workshop = await openWorkshop()
    const { store, open } = workshop
    await grow(workshop)
    const before = await store.findRecord('job-1')
    assert.deepEqual((await store.verify()).drift, [])
    await damage(workshop)
    assert.equal((await store.verify()).ok, false)
    assert.ok((await store.rebuild()).repaired > 0)
    assert.deepEqual((await store.verify()).drift, [])
    assert.deepEqual(await open().findRecord('job-1'), before)
    await assertStateIsFold(store)
  })

test('stays as it is when its events are compacted away', async () => {
  await using workshop = await openWorkshop({ inlineBytes: Infinity })
  const { store, open } = workshop
  await grow(workshop)
  const before = await store.findById('job-1')
  const { snapshotted } = await store.compact({ before: new Date(Date.now() + HOUR_MS) })
  assert.equal(snapshotted, 1)
  assert.deepEqual((await store.verify()).drift, [])
  assert.deepEqual(await open().findById('job-1'), before)
})

test.run()
