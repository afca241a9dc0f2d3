import type { Backend, HistoryPage } from '../backend.ts'
import { HistoryTruncatedError } from '../core/errors.ts'
import type { EventId } from '../core/event.ts'
import type { StoredEvent } from '../stored-event.ts'
import type { ArchivedLog } from './archive.ts'
import { SnapshotsOfJob, WithoutSnapshots, type SnapshotView } from './snapshots.ts'

/** Events of one job that are fetched, and held, at once. */
const PAGE = 256

/** Where events are read from: the log, and before it the archive, if there is one. */
export interface LogSource {
  backend: Backend
  archive: ArchivedLog | null
  /** Whether readers are shown the snapshots that stand for what can't be read any more. */
  hasSnapshots: boolean
}

/**
 * One job's events, oldest first, without the snapshots that readers have no need of. Never more than a page is held.
 * @throws HistoryTruncatedError if a compaction without an archive took events away while they were being read
 */
export async function* oldestFirst(source: LogSource, jobId: string): AsyncGenerator<StoredEvent> {
  const snapshots: SnapshotView = source.hasSnapshots ? new SnapshotsOfJob() : new WithoutSnapshots()
  for await (const event of everyEvent(source, jobId)) {
    const seen = snapshots.see(event)
    if (seen !== null) yield seen
  }
}

/**
 * What the archive has comes first, then the log, though that is linked newest to oldest: a history of one page is read
 * once; a longer one twice, first for where its pages start, then page by page from the oldest. A compaction may run
 * meanwhile: what it took from the log is in the archive before that, and is looked for there again.
 */
async function* everyEvent({ backend, archive }: LogSource, jobId: string): AsyncGenerator<StoredEvent> {
  const newest = await backend.history(jobId, null, PAGE)
  const starts: EventId[] = []
  for (let page = newest; page.next !== null && !page.isTruncated; page = await backend.history(jobId, page.next, PAGE))
    starts.push(page.next)
  const end = newest.events[0]?.position.sequence ?? Infinity

  let last: StoredEvent | null = null
  const fresh = function* (events: Iterable<StoredEvent>): Generator<StoredEvent> {
    for (const event of events) {
      if (event.position.sequence <= (last?.position.sequence ?? 0)) continue
      last = event
      yield event
    }
  }
  const archived = async function* (): AsyncGenerator<StoredEvent> {
    if (archive === null) return
    for await (const event of archive.history(jobId, last?.position.sequence))
      if (event.position.sequence <= end) yield* fresh([event])
  }
  const logged = async function* (page: HistoryPage): AsyncGenerator<StoredEvent> {
    const isBroken = (): boolean => page.isTruncated && last?.id !== page.next
    if (isBroken()) yield* archived()
    if (isBroken() && last !== null && archive === null)
      throw HistoryTruncatedError.of(jobId, new Date(newest.events[0]?.at ?? 0))
    yield* fresh(page.events.toReversed())
  }

  yield* archived()
  for (const start of starts.toReversed()) yield* logged(await backend.history(jobId, start, PAGE))
  yield* logged(newest)
}

/** One job's events in the log, newest first. */
export async function* newestFirst(backend: Backend, jobId: string): AsyncGenerator<StoredEvent> {
  let from: EventId | null = null
  do {
    const page = await backend.history(jobId, from, PAGE)
    yield* page.events
    from = page.isTruncated ? null : page.next
  } while (from !== null)
}
