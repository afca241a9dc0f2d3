import type { Backend } from '../backend.ts'
import type { CompactReport, ReplayOptions } from '../contract.ts'
import type { Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import type { EventHead, Snapshot } from '../maintenance.ts'
import type { Compaction, Cut } from './compaction.ts'
import { dropEvents } from './drop-events.ts'
import { auditJobs, type Decode } from './fold.ts'
import { newestEvents, type HeadPage } from './newest-events.ts'
import { snapshotOf } from './snapshot-of.ts'

/** Jobs that are audited by one call. */
const JOBS_A_CALL = 64

/**
 * Drops the events from before a time. First each live job that stands on one of them gets a `snapshotted` event at the
 * log's end; then, page by page, the events go to the archive, and only when that has them are they dropped. Stopped
 * anywhere, it has lost nothing, and goes on where it was when it is run again: a job that stands on its snapshot needs no
 * other, and the archive knows what it has.
 * @throws ProjectionLostError if the live state is not what the log says: rebuild it first
 */
export async function compact(backend: Backend, decode: Decode, compaction: Compaction): Promise<CompactReport> {
  const report: CompactReport = { dropped: 0, snapshotted: 0, archived: 0 }
  const progress = new Progress(compaction, report)
  progress.report(0)
  for (let partition = 0; partition < backend.partitions; partition++) {
    const tell = (fraction: number): void => progress.report((partition + fraction) / backend.partitions)
    const from = (await backend.bounds()).oldest[partition] as Position
    const through = await backend.positionBefore(partition, compaction.beforeMs)
    let cut = from
    const onPage = (_: number, fraction: number, { heads }: HeadPage): void => {
      cut = lastToDrop(heads, through) ?? cut
      tell(fraction / 3)
    }
    const slices = newestEvents(backend, partition, { from, through, onPage })
    for await (const newest of slices) {
      if (cut.sequence === from.sequence) break
      await snapshotJobs(backend, { partition, cut, newest, decode }, report, tell)
    }
    await dropEvents(backend, { partition, from, cut }, compaction, report, tell)
    tell(1)
  }
  return report
}

/** Snapshots that nothing follows stay: to drop them, as many others would have to be written. */
function lastToDrop(heads: readonly EventHead[], through: Position): Position | undefined {
  return heads.findLast(({ isSnapshot, position }) => !isSnapshot && position.sequence <= through.sequence)?.position
}

interface SnapshotContext extends Omit<Cut, 'from'> {
  /** Jobs with events before the cut, each with its newest one from before the time. */
  newest: ReadonlyMap<string, EventId>
  decode: Decode
}

/** Gives each of the jobs that needs it a snapshot, again if it has gone on meanwhile. */
async function snapshotJobs(
  backend: Backend,
  { partition, cut, newest, decode }: SnapshotContext,
  report: CompactReport,
  tell: (fraction: number) => void,
): Promise<void> {
  const waiting = [...newest.keys()]
  let done = 0
  while (waiting.length > 0) {
    const ids = waiting.splice(-JOBS_A_CALL)
    const requests = ids.map((jobId) => ({ jobId, eventId: newest.get(jobId) as EventId, place: null, isThin: false }))
    const jobs = await auditJobs(backend, partition, requests, cut, decode)
    const snapshots = jobs.map((job) => snapshotOf(job, cut)).filter((snapshot) => snapshot !== null)
    for (const batch of batchesOf(snapshots, backend.batching.maxBytes)) {
      const results = await backend.snapshot(partition, batch)
      for (const [index, { jobId }] of batch.entries()) {
        if (results[index] === true) report.snapshotted++
        else waiting.push(jobId)
      }
    }
    done += ids.length
    tell((1 + done / (done + waiting.length)) / 3)
  }
}

/** No call may hold the store for long: so many bytes at once, or a single larger snapshot. */
function* batchesOf(snapshots: readonly Snapshot[], maxBytes: number): Generator<Snapshot[]> {
  let batch: Snapshot[] = []
  let bytes = 0
  for (const snapshot of snapshots) {
    const own = snapshot.data.length + snapshot.meta.length
    if (batch.length > 0 && bytes + own > maxBytes) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(snapshot)
    bytes += own
  }
  if (batch.length > 0) yield batch
}

/** One rise from 0 to 1, however often the log is gone through. */
class Progress {
  readonly #options: ReplayOptions
  readonly #report: CompactReport
  #fraction = 0

  constructor(options: ReplayOptions, report: CompactReport) {
    this.#options = options
    this.#report = report
  }

  /** @throws the signal's reason */
  report(fraction: number): void {
    this.#options.signal?.throwIfAborted()
    this.#fraction = Math.max(this.#fraction, Math.min(1, fraction))
    const { dropped, snapshotted } = this.#report
    this.#options.onProgress?.({ events: dropped, jobs: snapshotted, fraction: this.#fraction })
  }
}
