import { beginningOf } from './beginning.ts'
import { formatCursor, parseCursor, START, type Position } from './core/cursor.ts'
import type { Cursor, EventQuery } from './core/event.ts'
import { partitionOf } from './core/order.ts'
import { oldestFirst, type LogSource } from './history.ts'
import { eventsOf, PartitionReader } from './partition-reader.ts'
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
  const { backend } = source
  const { epoch, partitions } = backend
  const given = query.after === undefined ? null : parseCursor(query.after, epoch, partitions).positions
  if (query.jobId !== undefined) return yield* readJob(source, query.jobId, query, given)
  const { newest } = await backend.bounds()
  const readers = newest.map(
    (end, partition) => new PartitionReader(source, { partition, after: given?.[partition] ?? null, newest: end }),
  )
  try {
    let next = await takeNext(readers)
    const positions = readers.map(({ start }) => start)
    for (; next !== null; next = await takeNext(readers)) {
      const { event, partition } = next
      positions[partition] = event.position
      if (matches(event, query)) yield { event, cursor: formatCursor({ epoch, positions }) }
    }
  } finally {
    for (const reader of readers) await reader.close()
  }
}

/**
 * Only one job's events: by its back-pointers, whatever else the log holds.
 * @param given what the reader has seen
 */
async function* readJob(
  source: LogSource,
  jobId: string,
  query: EventQuery,
  given: readonly Position[] | null,
): AsyncGenerator<LogEntry> {
  const { epoch, partitions } = source.backend
  const partition = partitionOf(jobId, partitions)
  const after = given?.[partition] ?? START
  if (given !== null) await requireNext(source, partition, after)
  const positions = [...(given ?? (await beginningsOf(source)))]
  for await (const event of oldestFirst(source, jobId)) {
    if (event.position.sequence <= after.sequence || !matches(event, query)) continue
    positions[partition] = event.position
    yield { event, cursor: formatCursor({ epoch, positions }) }
  }
}

async function beginningsOf(source: LogSource): Promise<readonly Position[]> {
  if (source.archive === null) return (await source.backend.bounds()).oldest
  const partitions = Array.from({ length: source.backend.partitions }, (_, partition) => partition)
  return Promise.all(partitions.map(async (partition) => (await beginningOf(source, partition)).position))
}

/** What comes after a position must be there, in the log or in the archive. @throws CursorGapError, LogRewoundError */
async function requireNext({ backend, archive }: LogSource, partition: number, after: Position): Promise<void> {
  const page = await backend.scan(partition, after, 1)
  const archived = page.kind === 'gap' && archive !== null ? await archive.first(partition, after.sequence) : null
  if (archived?.position.sequence !== after.sequence + 1) await eventsOf(backend, page)
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
