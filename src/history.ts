import type { ArchivedLog } from './archive.ts'
import type { Backend } from './backend.ts'
import { START, type Position } from './core/cursor.ts'
import { HistoryTruncatedError } from './core/errors.ts'
import type { AsOf, EventId, JobEvent } from './core/event.ts'
import { evolve, isExpired, isWhole, type JobState } from './core/evolve.ts'
import type { JobCore } from './core/job.ts'
import { partitionOf } from './core/order.ts'
import { baseOf, isUpTo, sinceOf, SnapshotFilter, type SnapshotBase } from './snapshots.ts'
import type { StoredEvent } from './stored-event.ts'

/** Events of one job that are fetched, and held, at once. */
const PAGE = 256

/** Where events are read from: the log, and before it the archive, if there is one. */
export interface LogSource {
  backend: Backend
  archive: ArchivedLog | null
}

/**
 * One job's events, oldest first, though the log is linked newest to oldest. A history of one page is read once; a
 * longer one twice: first for where its pages start, then page by page from the oldest. Never more than a page is held.
 */
export async function* oldestFirst(source: LogSource, jobId: string): AsyncGenerator<StoredEvent> {
  const { backend } = source
  const newest = await backend.history(jobId, null, PAGE)
  const starts: EventId[] = []
  for (let page = newest; page.next !== null && !page.isTruncated; page = await backend.history(jobId, page.next, PAGE))
    starts.push(page.next)
  const oldest = await beginningOf(backend, jobId)
  const archived = await archivedEvents(source, jobId, oldest)
  const archivedIds = new Set(archived.map(({ id }) => id))
  const filter = new SnapshotFilter((id) => isUpTo(id, oldest) && !archivedIds.has(id))
  const see = function* (events: StoredEvent[]): Generator<StoredEvent> {
    for (const event of events) {
      const seen = filter.see(event)
      if (seen !== null) yield seen
    }
  }
  yield* see(archived)
  for (const start of starts.reverse()) yield* see((await backend.history(jobId, start, PAGE)).events.reverse())
  yield* see(newest.events.reverse())
}

/** Just before the oldest event that the log may hold of a job. */
async function beginningOf(backend: Backend, jobId: string): Promise<Position> {
  return (await backend.bounds()).oldest[partitionOf(jobId, backend.partitions)] ?? START
}

/** What the archive has of a job and the log has not, oldest first. */
async function archivedEvents({ archive }: LogSource, jobId: string, oldest: Position): Promise<StoredEvent[]> {
  if (archive === null) return []
  const events = await archive.history(jobId)
  return events.filter(({ position }) => position.sequence <= oldest.sequence)
}

/** One job's events, newest first. */
async function* newestFirst(source: LogSource, jobId: string): AsyncGenerator<StoredEvent> {
  let from: EventId | null = null
  do {
    const page = await source.backend.history(jobId, from, PAGE)
    yield* page.events
    from = page.isTruncated ? null : page.next
  } while (from !== null)
  if (source.archive === null) return
  const archived = await archivedEvents(source, jobId, await beginningOf(source.backend, jobId))
  yield* archived.reverse()
}

/**
 * The state of one job just after a moment, folded from its last creation up to there; null if it had none then.
 * @throws HistoryTruncatedError if events that it takes were compacted away
 */
export async function stateAsOf(
  source: LogSource,
  jobId: string,
  asOf: AsOf,
  decode: (event: StoredEvent) => JobEvent<JobCore>,
): Promise<{ state: JobState; atMs: number } | null> {
  const needed: StoredEvent[] = []
  /** Stands for the job at its version, whatever of the events before it is gone. */
  let snapshot: StoredEvent | null = null
  let last: StoredEvent | null = null
  for await (const event of newestFirst(source, jobId)) {
    if (needed.length > 0 || isAt(event, asOf)) needed.push(event)
    if (event.type === 'snapshotted') snapshot ??= event
    if (needed.length > 0 && isWhole(event)) return fold(jobId, null, needed.reverse(), asOf, decode)
    if (needed.length > 0 && event.version === snapshot?.version)
      return fold(jobId, null, [{ ...snapshot, at: event.at }], asOf, decode)
    last = event
  }
  if (last === null || last.previous === null) return null
  if (needed.length === 0 && last.type === 'snapshotted' && asOf instanceof Date && sinceOf(last) <= asOf)
    return fold(jobId, null, [last], asOf, decode)
  const base = snapshot === null ? null : baseOf(snapshot)
  if (base !== null && (needed.length > 0 || isAtBase(base, asOf)))
    return fold(jobId, base, needed.reverse(), asOf, decode)
  if (needed.length === 0 && !mayPrecede(last, asOf)) return null
  throw new HistoryTruncatedError(jobId, base?.at ?? new Date((snapshot ?? last).at))
}

/** Whether a moment lies between the cut of a compaction and the next event of the job. */
function isAtBase(base: SnapshotBase, asOf: AsOf): boolean {
  if (asOf instanceof Date) return base.at <= asOf
  return 'version' in asOf ? base.version === asOf.version : base.eventId === asOf.eventId
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
  jobId: string,
  base: SnapshotBase | null,
  events: StoredEvent[],
  asOf: AsOf,
  decode: (event: StoredEvent) => JobEvent<JobCore>,
): { state: JobState; atMs: number } | null {
  let state = base === null ? null : stateOf(jobId, base)
  for (const event of events) if (event.version > (base?.version ?? 0)) state = evolve(state, decode(event))
  const lastMs = events.at(-1)?.at ?? base?.at.getTime()
  if (state === null || lastMs === undefined) return null
  return { state, atMs: asOf instanceof Date ? asOf.getTime() : lastMs }
}

function stateOf(jobId: string, { version, eventId, userId, fields }: SnapshotBase): JobState {
  return evolve(null, { id: eventId, type: 'snapshotted', jobId, userId, version, data: fields, removed: [] })
}

/** The job of a state at a time: null after its end, or once its expiresAt had passed. */
export function jobAt(found: { state: JobState; atMs: number } | null): JobCore | null {
  const job = found?.state.job ?? null
  return found === null || job === null || isExpired(job, found.atMs) ? null : job
}
