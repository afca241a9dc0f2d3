import { START, type Position } from '../core/cursor.ts'
import type { EventQuery } from '../core/event.ts'
import { partitionOf } from '../core/order.ts'
import type { StoredEvent } from '../stored-event.ts'
import { beginningOf } from './beginning.ts'
import { oldestFirst, type LogSource } from './history.ts'
import { eventsOf, PartitionReader } from './partition-reader.ts'

/** An event, and where each partition's reading stands just after it. */
export interface LogEntry {
  event: StoredEvent
  positions: readonly Position[]
}

/** Which of the events that are read. */
type LogFilter = Omit<EventQuery, 'after'>

/**
 * The log from a position to its end as it is at the first call, archived events included. Partitions are merged by the
 * events' times, which gives people an order to read; what holds is the order of each partition, and so of each job.
 * @param after what the reader has seen; null: nothing, and the log may begin anywhere
 * @returns that end, whatever of it was left out
 * @throws CursorGapError, LogRewoundError
 */
export async function* readLog(
  source: LogSource,
  filter: LogFilter,
  after: readonly Position[] | null,
): AsyncGenerator<LogEntry, readonly Position[]> {
  const { newest } = await source.backend.bounds()
  if (filter.jobId !== undefined) return yield* readJob(source, filter.jobId, filter, after, newest)
  const readers = newest.map(
    (end, partition) => new PartitionReader(source, { partition, after: after?.[partition] ?? null, newest: end }),
  )
  try {
    let next = await takeNext(readers)
    const positions = readers.map(({ start }) => start)
    for (; next !== null; next = await takeNext(readers)) {
      const { event, partition } = next
      positions[partition] = event.position
      if (matches(event, filter)) yield { event, positions: [...positions] }
    }
    return newest
  } finally {
    for (const reader of readers) await reader.close()
  }
}

/**
 * Only one job's events: by its back-pointers, whatever else the log holds.
 * @param newest the log's end, which the job's events may go beyond
 */
async function* readJob(
  source: LogSource,
  jobId: string,
  filter: LogFilter,
  given: readonly Position[] | null,
  newest: readonly Position[],
): AsyncGenerator<LogEntry, readonly Position[]> {
  const partition = partitionOf(jobId, source.backend.partitions)
  const after = given?.[partition] ?? START
  if (given !== null) await requireNext(source, partition, after)
  const positions = [...(given ?? (await beginningsOf(source)))]
  for await (const event of oldestFirst(source, jobId)) {
    if (event.position.sequence <= after.sequence) continue
    positions[partition] = event.position
    if (matches(event, filter)) yield { event, positions: [...positions] }
  }
  const last = positions[partition] ?? START
  return newest.map((end, index) => (index === partition && last.sequence > end.sequence ? last : end))
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

/** Whether a reader wants an event of a job that it wants. */
export function matches(event: StoredEvent, { userId, types }: LogFilter): boolean {
  if (userId !== undefined && event.userId !== userId) return false
  return types === undefined || (types as string[]).includes(event.type)
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
