import type { Backend } from '../backend.ts'
import { START } from '../core/cursor.ts'
import { HistoryTruncatedError } from '../core/errors.ts'
import type { AsOf, JobEvent } from '../core/event.ts'
import { evolve, isExpired, isWhole, type JobState } from '../core/evolve.ts'
import type { JobCore } from '../core/job.ts'
import { partitionOf } from '../core/order.ts'
import type { StoredEvent } from '../stored-event.ts'
import { archivedState } from './archived-state.ts'
import { newestFirst, type LogSource } from './history.ts'
import { baseBefore, isBeginning, stateOfBase, timeOf, type SnapshotBase } from './snapshots.ts'

/** Reads an event's payload. */
type Decode = (event: StoredEvent) => JobEvent<JobCore>

/** A state, and the time at which it is looked at, in ms. */
export interface StateThen {
  state: JobState
  atMs: number
}

/** What the log tells of a job, from its newest event back to a moment. */
interface Walk {
  /** From the moment back to the first event that stands for the whole job, or to where the log begins; newest first. */
  needed: StoredEvent[]
  /** Newer than the moment, newest first. */
  snapshots: StoredEvent[]
  /** The oldest event that the log has of the job. */
  oldest: StoredEvent | null
  /** The oldest time at which the job is known, of those after the moment. */
  knownMs: number | null
}

/**
 * The state of one job just after a moment, folded from its last creation up to there; null if it had none then.
 * @throws HistoryTruncatedError if events that it takes were compacted away
 */
export async function stateAsOf(
  source: LogSource,
  jobId: string,
  asOf: AsOf,
  decode: Decode,
): Promise<StateThen | null> {
  const walk: Walk = { needed: [], snapshots: [], oldest: null, knownMs: null }
  for await (const event of newestFirst(source.backend, jobId)) {
    const found = step(walk, event, asOf)
    if (found !== null) return fold(null, found, asOf, decode)
  }
  const { needed, snapshots, oldest } = walk
  const isSince = oldest?.type === 'snapshotted' && asOf instanceof Date && timeOf(oldest) <= asOf.getTime()
  if (isSince && needed.length === 0) return fold(null, [oldest], asOf, decode)
  const base = oldest === null ? null : baseBefore(oldest, snapshots)
  if (base !== null && (needed.length > 0 || isAtBase(base, asOf)))
    return fold({ jobId, base }, needed.toReversed(), asOf, decode)

  if (source.archive !== null) {
    const before = { oldest, asOf: needed.length > 0 ? null : asOf, decode }
    const archived = await archivedState(source.archive, jobId, before)
    if (archived.kind === 'none') return null
    if (archived.kind === 'found') return foldOn(archived.stateThen, needed.toReversed(), asOf, decode)
  } else if (oldest === null || isBeginning(oldest)) return null
  const isUnborn = needed.length === 0 && oldest?.type === 'created' && asOf instanceof Date
  if (isUnborn && asOf.getTime() >= (await beginningMs(source.backend, jobId))) return null
  if (oldest !== null && needed.length === 0 && !mayPrecede(oldest, asOf)) return null
  throw HistoryTruncatedError.of(jobId, base?.at ?? new Date(beginningOf(walk)))
}

/** When the oldest event was that the log has beside a job's, in ms. Before a `created` there is none, or an end from before that. */
async function beginningMs(backend: Backend, jobId: string): Promise<number> {
  const partition = partitionOf(jobId, backend.partitions)
  const { oldest } = await backend.bounds()
  const page = await backend.scan(partition, oldest[partition] ?? START, 1)
  return page.kind === 'events' ? (page.events[0]?.at ?? Infinity) : Infinity
}

/** Takes the next older event. @returns what the state is to be folded from, oldest first, once that is known */
function step(walk: Walk, event: StoredEvent, asOf: AsOf): StoredEvent[] | null {
  const { needed, snapshots } = walk
  walk.oldest = event
  if (needed.length > 0 || isAt(event, asOf)) {
    needed.push(event)
    if (isWhole(event)) return needed.toReversed()
    const snapshot = snapshots.find(({ version }) => version === event.version)
    return snapshot === undefined || needed.length > 1 ? null : [{ ...snapshot, at: event.at }]
  }
  const isKnown = isWhole(event) || snapshots.at(-1)?.version === event.version
  if (isKnown) walk.knownMs = event.at
  if (event.type === 'snapshotted') snapshots.push(event)
  return null
}

/** The oldest moment that can be told of, in ms. */
function beginningOf({ oldest, knownMs }: Walk): number {
  if (oldest?.type === 'snapshotted') return timeOf(oldest)
  return knownMs ?? oldest?.at ?? 0
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
  start: { jobId: string; base: SnapshotBase } | null,
  events: readonly StoredEvent[],
  asOf: AsOf,
  decode: Decode,
): StateThen | null {
  if (start === null) return foldOn(null, events, asOf, decode)
  const then = { state: stateOfBase(start.jobId, start.base), atMs: start.base.at.getTime() }
  return foldOn(then, events, asOf, decode)
}

/** Oldest first. */
function foldOn(
  before: StateThen | null,
  events: readonly StoredEvent[],
  asOf: AsOf,
  decode: Decode,
): StateThen | null {
  let state = before?.state ?? null
  for (const event of events) state = evolve(state, decode(event))
  const last = events.at(-1)
  const lastMs = last === undefined ? (before?.atMs ?? 0) : timeOf(last)
  return state === null ? null : { state, atMs: asOf instanceof Date ? asOf.getTime() : lastMs }
}

/** The job of a state at a time: null after its end, or once its expiresAt had passed. */
export function jobAt(found: StateThen | null): JobCore | null {
  const job = found?.state.job ?? null
  return found === null || job === null || isExpired(job, found.atMs) ? null : job
}
