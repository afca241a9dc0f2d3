import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from './harness.ts'
import { aFullJob, aJob, HOUR_MS, jobsOf, removing, textOf } from './jobs.ts'

const PAST = new Date(1_600_000_000_000)

/**
 * Leaves a store with jobs of every kind of history in it: 106 that live, and 4 that have ended and were swept. Fields are
 * small and large, set and removed, Dates and Buffers; users and times have moved.
 */
export async function createEveryHistory(store: JobStore<AnyJob>): Promise<void> {
  await Promise.all([createTheLiving(store), createTheEnded(store)])
  await store.purgeExpired()
}

async function createTheLiving(store: JobStore<AnyJob>): Promise<void> {
  await Promise.all(jobsOf('crowd', 100).map((job) => store.create(job)))
  await store.create(aFullJob({ id: 'full', bytes: Buffer.from([0, 255]), at: new Date(5), n: 5n, big: textOf(5000) }))

  await store.create(aJob({ id: 'changed', note: 'small', big: textOf(300), gone: textOf(300) }))
  await store.update('changed', { note: textOf(700), big: 'small now', bytes: Buffer.alloc(200, 7), at: new Date(-1) })
  await store.update('changed', removing('gone', 'at'), { meta: { actor: 'ada' } })
  await store.updateProgress('changed', { percent: 50, stage: 'encode', since: new Date(7) })
  await store.updateStatus('changed', 'queued')
  await store.updateStatus('changed', 'processing', { commandId: 'c-1' })

  await store.create(aJob({ id: 'moved' }))
  await store.update('moved', { userId: 'user-2', createdAt: new Date(1_700_000_000_000) })
  await store.update('moved', { status: 'failed', expiresAt: new Date(Date.now() + 2 * HOUR_MS) })

  for (const [id, end] of [
    ['deleted and again', () => store.delete('deleted and again')],
    ['expired and again', () => store.purgeExpired()],
  ] as const) {
    await store.create(aJob({ id, first: textOf(300), expiresAt: id.startsWith('expired') ? PAST : later() }))
    await end()
    await store.create(aJob({ id, userId: 'user-2', second: textOf(300) }))
    await store.updateStatus(id, 'completed')
  }
  await store.create(aJob({ id: 'created over an expired one', expiresAt: PAST }))
  await store.create(aJob({ id: 'created over an expired one', status: 'cancelled' }))
}

async function createTheEnded(store: JobStore<AnyJob>): Promise<void> {
  await store.create(aFullJob({ id: 'deleted' }))
  await store.updateStatus('deleted', 'completed')
  await store.delete('deleted')
  await store.create(aJob({ id: 'expired', userId: 'user-3', expiresAt: PAST }))
  for (const id of ['deleted twice', 'deleted, then expired']) {
    await store.create(aJob({ id, userId: 'user-4' }))
    await store.delete(id)
    await store.create(aJob({ id, userId: 'user-5', expiresAt: id === 'deleted twice' ? later() : PAST }))
    await store.delete(id)
  }
}

/** What there is of it. */
export const EVERY_HISTORY = { live: 106, ended: 4 }

function later(): Date {
  return new Date(Date.now() + HOUR_MS)
}
