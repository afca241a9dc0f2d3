import type { JobStore } from '../../src/contract.ts'
import type { AsOf, Cursor, EventQuery } from '../../src/core/event.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import type { Command, Query } from './calls.ts'
import { comparableError, comparableEvent, comparableJob, comparableLog, comparableRecord } from './comparable.ts'
import type { Subject } from './subject.ts'

const CUTS = { everything: new Date('2090-01-01'), nothing: new Date(0) }

/** Makes one call. @returns what every store must answer alike: the result, or the error by its code and facts */
export async function perform(
  store: JobStore<AnyJob>,
  call: Command | Query,
  memory: Subject['memory'],
): Promise<unknown> {
  try {
    return await answer(store, call, memory)
  } catch (error) {
    return comparableError(error)
  }
}

async function answer(store: JobStore<AnyJob>, call: Command | Query, memory: Subject['memory']): Promise<unknown> {
  switch (call.verb) {
    case 'create':
      return store.create(call.job, call.options)
    case 'update':
      return comparableJob(await store.update(call.id, call.updates, call.options))
    case 'updateStatus':
      return comparableJob(await store.updateStatus(call.id, call.status, call.options))
    case 'updateProgress':
      return comparableJob(await store.updateProgress(call.id, call.progress, call.options))
    case 'delete':
      return store.delete(call.id, call.options)
    case 'findById':
      return comparableJob(await store.findById(call.id))
    case 'findRecord':
      return comparableRecord(await store.findRecord(call.id))
    case 'findByUserId':
      return (await store.findByUserId(call.userId, call.options)).map(comparableJob)
    case 'listByUserId': {
      const { jobs, next } = await store.listByUserId(call.userId, call.options)
      return { jobs: jobs.map(comparableJob), next }
    }
    case 'listAllByUserId':
      return allPages(store, call.userId, call.options)
    case 'countByUserId':
      return store.countByUserId(call.userId)
    case 'countByStatus':
      return store.countByStatus(call.status)
    case 'findByIdAsOf':
      return comparableJob(await store.findByIdAsOf(call.id, await momentOf(store, call.id, call.asOf)))
    case 'history':
      return (await collect(store.history(call.id))).map(comparableEvent)
    case 'events':
      return comparableLog(await collect(store.events(call.query)))
    case 'eventsAfter':
      return isRestOfLog(store, call.query, call.eventIndex)
    case 'stats': {
      const { jobs, events, byStatus, oldestEventAt, newestEventAt } = await store.stats()
      return { jobs, events, byStatus, isEmpty: oldestEventAt === null && newestEventAt === null }
    }
    case 'eventsOfLateReader':
      return comparableLog(await collect(store.events(memory.cursor === null ? {} : { after: memory.cursor })))
    case 'verify': {
      const { drift: _, ...report } = await store.verify()
      return report
    }
    case 'rebuild': {
      const { durationMs: _, ...report } = await store.rebuild()
      return report
    }
    case 'compact':
      memory.cursor = (await firstCursor(store)) ?? memory.cursor
      return store.compact({ before: CUTS[call.before] })
    case 'purgeExpired':
      // The rest too, since partitions do not share the order in which a limit takes the jobs.
      return [await store.purgeExpired(call.limit), await store.purgeExpired()]
  }
}

async function allPages(
  store: JobStore<AnyJob>,
  userId: string,
  options: { status?: string; limit: number },
): Promise<unknown> {
  const pages: unknown[] = []
  let page = await store.listByUserId(userId, options)
  pages.push(page.jobs.map(comparableJob))
  while (page.next !== null) {
    page = await store.listByUserId(userId, { ...options, after: page.next })
    pages.push(page.jobs.map(comparableJob))
  }
  return pages
}

async function firstCursor(store: JobStore<AnyJob>): Promise<Cursor | null> {
  for await (const { cursor } of store.events()) return cursor
  return null
}

async function momentOf(
  store: JobStore<AnyJob>,
  id: string,
  asOf: Extract<Query, { verb: 'findByIdAsOf' }>['asOf'],
): Promise<AsOf> {
  if (typeof asOf !== 'object' || !('eventIndex' in asOf)) return asOf
  const events = await collect(store.history(id))
  return { eventId: events[asOf.eventIndex % Math.max(1, events.length)]?.id ?? 'no event' }
}

/** Whether the log after its nth event is what it was when it was read as a whole; by itself, since cursors are. */
async function isRestOfLog(store: JobStore<AnyJob>, query: EventQuery, eventIndex: number): Promise<boolean> {
  const log = await collect(store.events())
  if (log.length === 0) return true
  const index = eventIndex % log.length
  const after = (await collect(store.events({ ...query, after: log[index]?.cursor as string }))).map(({ id }) => id)
  const rest = log.slice(index + 1).filter((event) => {
    if (query.jobId !== undefined && event.jobId !== query.jobId) return false
    if (query.userId !== undefined && event.userId !== query.userId) return false
    return query.types === undefined || query.types.includes(event.type)
  })
  return after.length === rest.length && rest.every(({ id }, place) => after[place] === id)
}
