import * as assert from 'node:assert/strict'

import type { ArchivePlace, JobStore, ReadableArchive } from '../../src/contract.ts'
import { readCursor } from '../../src/core/cursor.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { partitionOf } from '../../src/core/order.ts'
import { collect, storeNow } from './assertions.ts'
import type { AnyJob } from './harness.ts'
import { aJob, removing, textOf } from './jobs.ts'

type Event = JobEvent<AnyJob>

/** A moment after every event so far, and not after any that comes later. */
export async function nextMoment(store: JobStore<AnyJob>): Promise<Date> {
  const moment = (await storeNow(store)) + 1
  while ((await storeNow(store)) < moment);
  return new Date(moment)
}

/** Everything that a store shows of its jobs, as long as they live: nothing that a compaction may change. */
export async function jobsIn(store: JobStore<AnyJob>, ids: readonly string[]): Promise<object> {
  const { jobs, byStatus } = await store.stats()
  const records: unknown[] = []
  const users = new Map<string, unknown>()
  for (const id of ids) {
    const record = await store.findRecord(id)
    records.push([id, record?.job, record?.version])
    const userId = record?.job.userId
    if (userId === undefined || users.has(userId)) continue
    const pages = await store.listByUserId(userId, { limit: 1000 })
    users.set(userId, [await store.countByUserId(userId), await store.findByUserId(userId, { limit: 1000 }), pages])
  }
  return { jobs, byStatus, records, users }
}

/** Jobs of every kind in relation to a moment, at which a compaction may cut. */
export const LIVES = {
  /** Live, with events from before the moment that they stand on. */
  standing: ['old', 'large', 'trimmed down', 'moved', 'changed later', 'again, early', 'renewed later'],
  /** Live, with none. */
  young: ['young', 'again, late'],
  /** Ended before the moment. */
  ended: ['deleted', 'expired', 'deleted twice'],
  /** Ended after it. */
  endedLater: ['deleted later'],
}

export const ALL_LIVES: string[] = Object.values(LIVES).flat()

/** Leaves the jobs of LIVES in a store. @returns the moment */
export async function createLives(store: JobStore<AnyJob>): Promise<Date> {
  const update = (id: string, fields: Partial<AnyJob>): Promise<unknown> => store.update(id, fields)
  await store.create(aJob({ id: 'old', note: 1, bytes: Buffer.from([0, 255]), at: new Date(5), n: 5n }))
  await store.updateProgress('old', { percent: 50, stage: 'encode', since: new Date(7) }, { meta: { actor: 'ada' } })
  await store.create(aJob({ id: 'large', big: textOf(5000), large: textOf(300), small: 's' }))
  await update('large', { big: textOf(7000, 'é'), other: Buffer.alloc(500, 7) })
  await store.create(aJob({ id: 'trimmed down', gone: textOf(300), alsoGone: 1, stays: textOf(300) }))
  await update('trimmed down', removing('gone', 'alsoGone'))
  await store.create(aJob({ id: 'moved' }))
  await update('moved', { userId: 'user-2', createdAt: new Date(1_700_000_000_000), status: 'failed' })
  for (const id of ['changed later', 'renewed later', 'deleted', 'deleted later', 'again, late', 'again, early'])
    await store.create(aJob({ id, userId: 'user-3', first: textOf(200) }))
  await store.updateStatus('changed later', 'queued')
  for (const id of ['deleted', 'again, late', 'again, early']) await store.delete(id)
  await store.create(aJob({ id: 'again, early', second: textOf(200) }))
  await store.create(aJob({ id: 'expired', expiresAt: new Date(5) }))
  await store.purgeExpired()
  for (const life of [1, 2]) {
    await store.create(aJob({ id: 'deleted twice', life }))
    await store.delete('deleted twice')
  }

  const moment = await nextMoment(store)
  for (const status of ['processing', 'completed']) {
    await store.updateStatus('changed later', status)
    await update('changed later', { [status]: textOf(100), ...removing('first') })
  }
  await update('renewed later', { expiresAt: new Date(Date.now() + 7_200_000) })
  await store.create(aJob({ id: 'again, late', third: textOf(200) }))
  await store.create(aJob({ id: 'young' }))
  await store.updateProgress('young', { percent: 1 })
  await store.updateStatus('deleted later', 'queued')
  await store.delete('deleted later')
  return moment
}

/** How many events a store has from before a time. */
export async function countBefore(store: JobStore<AnyJob>, moment: Date): Promise<number> {
  return (await collect(store.events())).filter(({ at }) => at < moment).length
}

/** The shortest archive that can be read: what somebody might write who keeps events elsewhere. */
export class ListArchive implements ReadableArchive<AnyJob> {
  readonly events: Map<string, Event> = new Map()
  /** Calls of append() that still succeed. */
  patience = Infinity
  readonly #byJob = new Map<string, Event[]>()

  async append(events: Event[]): Promise<void> {
    if (this.patience-- <= 0) throw new Error('the archive is full')
    for (const event of events) {
      const { id, jobId } = event
      if (!this.events.has(id)) this.#byJob.set(jobId, [...(this.#byJob.get(jobId) ?? []), event])
      this.events.set(id, event)
    }
  }

  async *archivedHistory(jobId: string): AsyncGenerator<Event> {
    yield* this.#byJob.get(jobId) ?? []
  }

  async *archivedLog({ epoch, partition, sequence }: ArchivePlace): AsyncGenerator<Event> {
    for (const event of this.events.values()) {
      const { epoch: own, positions } = readCursor(event.cursor)
      const isThere = own === epoch && partitionOf(event.jobId, positions.length) === partition
      if (isThere && (positions[partition]?.sequence ?? 0) > sequence) yield event
    }
  }
}

/** A store is sound, and its log alone makes it what it is. */
export async function assertSound(store: JobStore<AnyJob>): Promise<void> {
  assert.deepStrictEqual((await store.verify()).drift, [])
  assert.strictEqual((await store.rebuild()).repaired, 0)
}
