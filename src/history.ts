import type { Backend } from './backend.ts'
import type { StoredEvent } from './stored-event.ts'
import { HistoryTruncatedError } from './core/errors.ts'
import type { AsOf, EventId, JobEvent } from './core/event.ts'
import { evolve, isExpired, isWhole, type JobState } from './core/evolve.ts'
import type { JobCore } from './core/job.ts'

/** Events of one job that are fetched, and held, at once. */
const PAGE = 256

/**
 * One job's events, oldest first, though the log is linked newest to oldest. A history of one page is read once; a
 * longer one twice: first for where its pages start, then page by page from the oldest. Never more than a page is held.
 */
export async function* oldestFirst(backend: Backend, jobId: string): AsyncGenerator<StoredEvent> {
  const newest = await backend.history(jobId, null, PAGE)
  const starts: EventId[] = []
  for (let page = newest; page.next !== null && !page.isTruncated; page = await backend.history(jobId, page.next, PAGE))
    starts.push(page.next)
  for (const start of starts.reverse()) yield* (await backend.history(jobId, start, PAGE)).events.reverse()
  yield* newest.events.reverse()
}

/**
 * The state of one job just after a moment, folded from its last creation up to there; null if it had none then.
 * @throws HistoryTruncatedError if events that it takes were compacted away
 */
export async function stateAsOf(
  backend: Backend,
  jobId: string,
  asOf: AsOf,
  decode: (event: StoredEvent) => JobEvent<JobCore>,
): Promise<{ state: JobState; atMs: number } | null> {
  const needed: StoredEvent[] = []
  let isReached = false
  let from: EventId | null = null
  do {
    const page = await backend.history(jobId, from, PAGE)
    for (const event of page.events) {
      isReached ||= isAt(event, asOf)
      if (isReached) needed.push(event)
      if (isReached && isWhole(event)) return fold(needed.reverse(), asOf, decode)
    }
    const oldest = page.events.at(-1)
    if (page.isTruncated && oldest !== undefined && mayPrecede(oldest, asOf))
      throw new HistoryTruncatedError(jobId, new Date(oldest.at))
    from = page.isTruncated ? null : page.next
  } while (from !== null)
  return null
}

/** Whether going back from the newest event, this is the first that belongs to the moment. */
function isAt(event: StoredEvent, asOf: AsOf): boolean {
  if (asOf instanceof Date) return event.at <= asOf.getTime()
  return 'version' in asOf ? event.version === asOf.version : event.id === asOf.eventId
}

/** Whether a moment that was not found may lie before the oldest event that is left. */
function mayPrecede(oldest: StoredEvent, asOf: AsOf): boolean {
  return asOf instanceof Date || 'eventId' in asOf || asOf.version < oldest.version
}

function fold(
  events: StoredEvent[],
  asOf: AsOf,
  decode: (event: StoredEvent) => JobEvent<JobCore>,
): { state: JobState; atMs: number } | null {
  let state: JobState | null = null
  for (const event of events) state = evolve(state, decode(event))
  const last = events.at(-1)
  if (state === null || last === undefined) return null
  return { state, atMs: asOf instanceof Date ? asOf.getTime() : last.at }
}

/** The job of a state at a time: null after its end, or once its expiresAt had passed. */
export function jobAt(found: { state: JobState; atMs: number } | null): JobCore | null {
  const job = found?.state.job ?? null
  return found === null || job === null || isExpired(job, found.atMs) ? null : job
}
