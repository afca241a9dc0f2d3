import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { JobStoreError } from '../../src/core/errors.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { openWorkshop, type Workshop } from './support.ts'

const test = suite('The outcomes of a batch, where a name in one of them holds ends of lines')

/** An id, and a user's. */
const HOSTILE = 'a\r\nb\nc'

/** What the calls of one batch come to, in order: 'fine', null, or the code of an error. */
async function outcomesOf(calls: readonly Promise<AnyJob | null | void>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(calls)
  return settled.map((one) => {
    if (one.status === 'fulfilled') return one.value === null ? null : 'fine'
    return one.reason instanceof JobStoreError ? one.reason.code : one.reason
  })
}

/** Jobs x, one that can't be read, y and z. */
async function spoil({ store, redis, keys }: Workshop): Promise<void> {
  for (const id of ['x', HOSTILE, 'y', 'z']) await store.create(aJob({ id }))
  await redis.hdel(keys.job(HOSTILE), 'expiresAt')
}

const EXPECTED = ['fine', 'PROJECTION_LOST', 'fine', null, 'fine']
const IDS = ['x', HOSTILE, 'y', 'nobody', 'z']

test('each has its own: plain changes', async () => {
  await using workshop = await openWorkshop()
  await spoil(workshop)
  const calls = IDS.map((id) => workshop.store.update(id, { note: id }))
  assert.deepEqual(await outcomesOf(calls), EXPECTED)
  assert.equal((await workshop.store.findById('z'))?.['note'], 'z')
})

test('each has its own: other commands', async () => {
  await using workshop = await openWorkshop()
  await spoil(workshop)
  const calls = IDS.map((id) => workshop.store.updateStatus(id, 'queued'))
  assert.deepEqual(await outcomesOf(calls), EXPECTED)
  assert.equal((await workshop.store.findById('z'))?.status, 'queued')
})

test('each has its own: creates', async () => {
  await using workshop = await openWorkshop()
  const { store, redis, keys } = workshop
  await redis.set(keys.user(HOSTILE), 'no list')
  const users = ['x', HOSTILE, 'y', HOSTILE, 'z']
  const calls = users.map((userId, index) => store.create(aJob({ id: `job-${index}`, userId })))
  assert.deepEqual(await outcomesOf(calls), ['fine', 'PROJECTION_LOST', 'fine', 'PROJECTION_LOST', 'fine'])
})

test.run()
