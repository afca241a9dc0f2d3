import * as assert from 'node:assert/strict'

import type { JobStore } from '../../../src/contract.ts'
import type { AsOf, JobEvent } from '../../../src/core/event.ts'
import { JobStoreError } from '../../../src/core/errors.ts'
import { collect } from '../../contract/assertions.ts'
import type { AnyJob } from '../../contract/harness.ts'

/**
 * All that a store tells but what is its own, ids and cursors: equal for two stores means that one is the other, moved.
 * @param jobIds asked for beside those of the log
 */
export async function whatIsTold(store: JobStore<AnyJob>, jobIds: readonly string[] = []): Promise<object> {
  const events = await collect(store.events())
  const log = byJob(events)
  const ids = new Set([...sampleOf(log), ...jobIds])
  const users = new Set(events.map(({ userId }) => userId))
  const { backend: _, ...stats } = await store.stats()
  return {
    stats,
    log,
    jobs: new Map(await Promise.all([...ids].map(async (id) => [id, await jobIn(store, id)] as const))),
    users: new Map(await Promise.all([...users].map(async (id) => [id, await userIn(store, id)] as const))),
  }
}

/** For what may hold bigints: uvu compares what an AssertionError carries once more, and dies of them. */
export function assertSame(actual: unknown, expected: unknown): void {
  try {
    assert.deepEqual(actual, expected)
  } catch (error) {
    throw new Error((error as Error).message, { cause: error })
  }
}

async function jobIn(store: JobStore<AnyJob>, id: string): Promise<object> {
  const history = await collect(store.history(id))
  const record = await store.findRecord(id)
  const ends = history.length > 60 ? [...history.slice(0, 10), ...history.slice(-10)] : history
  const moments = ends.flatMap(({ version, at }): AsOf[] => [{ version }, at, new Date(at.getTime() - 1)])
  return {
    history: portable(history),
    job: await store.findById(id),
    record: record === null ? null : { job: record.job, version: record.version },
    newest: record === null || record.lastEventId === history.at(-1)?.id,
    asOf: await Promise.all([...moments, { version: 1 }, new Date(0)].map((asOf) => jobAsOf(store, id, asOf))),
  }
}

/** What is left of a job's past, or the code of the error that says that it is gone. */
async function jobAsOf(store: JobStore<AnyJob>, id: string, asOf: AsOf): Promise<unknown> {
  try {
    return await store.findByIdAsOf(id, asOf)
  } catch (error) {
    if (error instanceof JobStoreError) return error.code
    throw error
  }
}

async function userIn(store: JobStore<AnyJob>, userId: string): Promise<object> {
  const pages: AnyJob[][] = []
  for (let after: string | null | undefined; after !== null;) {
    const page = await store.listByUserId(userId, { limit: 40, ...(after === undefined ? {} : { after }) })
    pages.push(page.jobs)
    after = page.next
  }
  const failed = await store.findByUserId(userId, { status: 'failed', limit: 1000 })
  return { pages, failed, count: await store.countByUserId(userId) }
}

/** All jobs but those of which there are many alike: numbered, and with a short history. */
function sampleOf(log: ReadonlyMap<string, object[]>): string[] {
  const numbered = [...log].filter(([id, events]) => /\d$/.test(id) && events.length <= 2).map(([id]) => id)
  const left = new Set(numbered.sort().slice(10))
  return [...log.keys()].filter((id) => !left.has(id))
}

/** The log alone, job by job. */
export async function logOf(store: JobStore<AnyJob>): Promise<Map<string, object[]>> {
  return byJob(await collect(store.events()))
}

function byJob(events: readonly JobEvent<AnyJob>[]): Map<string, object[]> {
  const jobs = new Map<string, JobEvent<AnyJob>[]>()
  for (const event of events) jobs.set(event.jobId, [...(jobs.get(event.jobId) ?? []), event])
  return new Map([...jobs].map(([id, own]) => [id, portable(own)]))
}

/** One job's events; each names the one before it by its place among them. */
function portable(events: readonly JobEvent<AnyJob>[]): object[] {
  const places = new Map(events.map(({ id }, place) => [id, place]))
  return events.map((event) => {
    const { id: _, cursor: __, previous, ...told } = event
    return { ...told, previous: previous === null ? null : (places.get(previous) ?? null) }
  })
}
