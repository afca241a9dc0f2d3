import { formatCursor, parseCursor, START, type Position } from './core/cursor.ts'
import type { Cursor, EventQuery } from './core/event.ts'
import { partitionOf } from './core/order.ts'
import { oldestFirst, type LogSource } from './history.ts'
import { eventsOf, PartitionReader } from './partition-reader.ts'
import { isUpTo, SnapshotFilter } from './snapshots.ts'
import type { StoredEvent } from './stored-event.ts'

/** An event with the position just after it. */
export interface LogEntry {
  event: StoredEvent
  cursor: Cursor
}

/**
 * The log from a position to its end as it is at the first call, archived events included. Partitions are merged by the
 * events' times, which gives people an order to read; what holds is the order of each partition, and so of each job.
 * @throws InvalidCursorError, CursorGapError, LogRewoundError
 */
export async function* readLog(source: LogSource, query: EventQuery): AsyncGenerator<LogEntry> {
  const { backend, archive } = source
  const { epoch } = backend
  const { oldest, newest } = await backend.bounds()
  const positions = startOf(source, query, oldest)
  if (query.jobId !== undefined) return yield* readJob(source, query, positions)
  const readers = positions.map((position, partition) => {
    const reading = { partition, position, isResumed: query.after !== undefined }
    return new PartitionReader(source, reading, oldest[partition] ?? START, newest[partition] ?? START)
  })
  // With an archive nothing is gone that a snapshot stands for, unless it was before the archive's own beginning.
  const first = new Map<number, StoredEvent>()
  const filters = oldest.map((begin, partition) => {
    if (archive === null) return new SnapshotFilter((id) => isUpTo(id, begin))
    return new SnapshotFilter((id) => {
      const start = first.get(partition)
      return start !== undefined && start.id !== id && isUpTo(id, start.position)
    })
  })
  for (let next = await takeNext(readers); next !== null; next = await takeNext(readers)) {
    const { event, partition } = next
    positions[partition] = event.position
    if (query.after === undefined && !first.has(partition)) first.set(partition, event)
    const seen = filters[partition]?.see(event) ?? null
    if (seen !== null && matches(seen, query)) yield { event: seen, cursor: formatCursor({ epoch, positions }) }
  }
}

function startOf({ backend, archive }: LogSource, query: EventQuery, oldest: readonly Position[]): Position[] {
  if (query.after !== undefined) return [...parseCursor(query.after, backend.epoch, backend.partitions).positions]
  return archive === null ? [...oldest] : oldest.map(() => START)
}

/** Only one job's events: by its back-pointers, whatever else the log holds. */
async function* readJob(source: LogSource, query: EventQuery, positions: Position[]): AsyncGenerator<LogEntry> {
  const { backend, archive } = source
  const jobId = query.jobId as string
  const partition = partitionOf(jobId, backend.partitions)
  const after = positions[partition] ?? START
  if (query.after !== undefined && archive === null) await eventsOf(backend, await backend.scan(partition, after, 1))
  for await (const event of oldestFirst(source, jobId)) {
    if (event.position.sequence <= after.sequence || !matches(event, query)) continue
    positions[partition] = event.position
    yield { event, cursor: formatCursor({ epoch: backend.epoch, positions }) }
  }
}

function matches(event: StoredEvent, query: EventQuery): boolean {
  if (query.userId !== undefined && event.userId !== query.userId) return false
  return query.types === undefined || (query.types as string[]).includes(event.type)
}

/** Takes the oldest event of all partitions. */
async function takeNext(readers: PartitionReader[]): Promise<{ event: StoredEvent; partition: number } | null> {
  let first: PartitionReader | null = null
  for (const reader of readers) {
    await reader.fill()
    if (reader.head !== null && (first?.head == null || reader.head.at < first.head.at)) first = reader
  }
  return first === null ? null : { event: first.shift(), partition: first.partition }
}
