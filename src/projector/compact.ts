import type { Backend } from '../backend.ts'
import { encodeValue } from '../codec.ts'
import type { CompactReport, EventArchive, ReplayOptions } from '../contract.ts'
import type { Position } from '../core/cursor.ts'
import type { EventId, JobEvent } from '../core/event.ts'
import { isWhole, type JobState } from '../core/evolve.ts'
import type { JobCore, JobFields } from '../core/job.ts'
import type { Snapshot } from '../maintenance.ts'
import { encodeMark, type SnapshotBase } from '../snapshots.ts'
import type { StoredEvent } from '../stored-event.ts'
import { sweep } from '../sweeper.ts'
import { auditJobs, type AuditedJob, type Decode } from './fold.ts'
import { newestEvents } from './newest-events.ts'

/** Jobs that are audited by one call. */
const JOBS_A_CALL = 32
/** Events that are archived and dropped at once. */
const EVENTS_A_CALL = 256

/** What compact() works with. */
export interface Compaction extends ReplayOptions {
  /** Milliseconds since 1970. */
  beforeMs: number
  archive: EventArchive<JobCore> | null
  /** Reads an event whole, cursor included, for the archive. */
  decodeWhole: (event: StoredEvent) => JobEvent<JobCore>
}

/**
 * Drops the events from before a time. First each live job that stands on one of them gets a `snapshotted` event at the
 * log's end; then, page by page, the events go to the archive, and only when that has them are they dropped. Stopped
 * anywhere, it has lost nothing, and goes on where it was when it is run again: a job that stands on its snapshot needs no
 * other, and the archive knows what it has.
 */
export async function compact(backend: Backend, decode: Decode, compaction: Compaction): Promise<CompactReport> {
  const report: CompactReport = { dropped: 0, snapshotted: 0, archived: 0 }
  await sweep(backend, Number.POSITIVE_INFINITY)
  for (let partition = 0; partition < backend.partitions; partition++) {
    const from = (await backend.bounds()).oldest[partition] as Position
    const cut = await backend.positionBefore(partition, compaction.beforeMs)
    if (cut.sequence <= from.sequence) continue
    const progress = (events: number, fraction: number): void => {
      compaction.signal?.throwIfAborted()
      compaction.onProgress?.({
        events,
        jobs: report.snapshotted,
        fraction: (partition + fraction) / backend.partitions,
      })
    }
    const ended = new Map<string, EventId>()
    const slices = newestEvents(backend, partition, from, cut, (events, fraction) => progress(events, fraction / 3))
    for await (const newest of slices) {
      report.snapshotted += await snapshotJobs(backend, { partition, cut, newest, ended, decode }, progress)
    }
    await dropEvents(backend, { partition, from, cut, ended }, compaction, report, progress)
  }
  return report
}

interface SnapshotContext {
  partition: number
  cut: Position
  newest: ReadonlyMap<string, EventId>
  /** Takes the jobs that have ended, with their newest event before the cut. */
  ended: Map<string, EventId>
  decode: Decode
}

/** @returns how many jobs got a snapshot */
async function snapshotJobs(
  backend: Backend,
  { partition, cut, newest, ended, decode }: SnapshotContext,
  progress: (events: number, fraction: number) => void,
): Promise<number> {
  let count = 0
  let waiting = [...newest.keys()]
  let done = 0
  while (waiting.length > 0) {
    const ids = waiting.splice(-JOBS_A_CALL)
    const requests = ids.map((jobId) => ({ jobId, eventId: newest.get(jobId) as EventId, place: null }))
    const jobs = await auditJobs(backend, partition, requests, cut, decode)
    const snapshots: Snapshot[] = []
    for (const job of jobs) {
      const snapshot = snapshotOf(job, cut)
      if (snapshot !== null) snapshots.push(snapshot)
      else if (job.state?.job == null) ended.set(job.audit.jobId, newest.get(job.audit.jobId) as EventId)
    }
    const results = snapshots.length === 0 ? [] : await backend.snapshot(partition, snapshots)
    count += results.filter(Boolean).length
    waiting = [...waiting, ...snapshots.filter((_, index) => results[index] !== true).map(({ jobId }) => jobId)]
    done += ids.length
    progress(0, 1 / 3 + done / (done + waiting.length) / 3)
  }
  return count
}

/** null if the job has ended, or stands on what stays. */
function snapshotOf({ state, stateThen, events }: AuditedJob, cut: Position): Snapshot | null {
  const job = state?.job ?? null
  if (state === null || job === null) return null
  const oldest = events[events.findLastIndex(isWhole)] ?? events[0]
  if (oldest === undefined || oldest.position.sequence > cut.sequence) return null
  const { userId, set } = partsOf(job)
  const base = state.version === stateThen?.version ? null : baseAt(stateThen, events)
  const since = new Date((events.findLast(({ type }) => type !== 'snapshotted') ?? oldest).at)
  const meta = encodeMark({ standsFor: oldest.id, since, base })
  return { jobId: job.id, version: state.version, userId, set, data: encodeValue(set), meta }
}

/** The job at the cut, for what is asked about the time between that and the next event. */
function baseAt(stateThen: JobState | null, events: readonly StoredEvent[]): SnapshotBase | null {
  const job = stateThen?.job ?? null
  const event = events.find(({ id }) => id === stateThen?.lastEventId)
  if (stateThen === null || job === null || event === undefined) return null
  const { userId, set } = partsOf(job)
  return { version: stateThen.version, eventId: event.id, at: new Date(event.at), userId, fields: set }
}

function partsOf(job: JobCore): { userId: string; set: JobFields } {
  const { id: _, userId, ...set } = job as JobCore & JobFields
  return { userId, set }
}

interface DropContext {
  partition: number
  from: Position
  cut: Position
  ended: ReadonlyMap<string, EventId>
}

async function dropEvents(
  backend: Backend,
  { partition, from, cut, ended }: DropContext,
  { archive, decodeWhole }: Compaction,
  report: CompactReport,
  progress: (events: number, fraction: number) => void,
): Promise<void> {
  let position = from
  while (position.sequence < cut.sequence) {
    const limit = Math.min(EVENTS_A_CALL, cut.sequence - position.sequence)
    const page = await backend.scan(partition, position, limit)
    const last = page.kind === 'events' ? page.events.at(-1) : undefined
    if (page.kind !== 'events' || last === undefined) break
    if (archive !== null) {
      const events = page.events.filter((event) => event.type !== 'snapshotted').map(decodeWhole)
      await archive.append(events)
      report.archived += events.length
    }
    const gone = page.events.filter((event) => ended.get(event.jobId) === event.id).map(({ jobId }) => jobId)
    await backend.trim(partition, last.position, gone)
    report.dropped += page.events.length
    position = last.position
    progress(report.dropped, 2 / 3 + (position.sequence - from.sequence) / (cut.sequence - from.sequence) / 3)
  }
}
