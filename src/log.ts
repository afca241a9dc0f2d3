import type { Backend, ScanPage } from './backend.ts'
import type { StoredEvent } from './stored-event.ts'
import { formatCursor, parseCursor, START, type Position } from './core/cursor.ts'
import { CursorGapError, LogRewoundError } from './core/errors.ts'
import type { Cursor, EventQuery } from './core/event.ts'
import { partitionOf } from './core/order.ts'
import { oldestFirst } from './history.ts'

/** Events of one partition that are fetched, and held, at once. */
const PAGE = 256

/** An event with the position just after it. */
export interface LogEntry {
  event: StoredEvent
  cursor: Cursor
}

/**
 * The log from a position to its end as it is at the first call. Partitions are merged by the events' times, which
 * gives people an order to read; what holds is the order of each partition, and so of each job.
 * @throws InvalidCursorError, CursorGapError, LogRewoundError
 */
export async function* readLog(backend: Backend, query: EventQuery): AsyncGenerator<LogEntry> {
  const positions = await startOf(backend, query)
  if (query.jobId !== undefined) return yield* readJob(backend, query, positions)
  const { newest } = await backend.bounds()
  const sources = positions.map((_, partition) => new Source(backend, partition, positions, newest))
  for (let event = await next(sources); event !== null; event = await next(sources)) {
    if (matches(event, query)) yield { event, cursor: formatCursor({ epoch: backend.epoch, positions }) }
  }
}

async function startOf(backend: Backend, query: EventQuery): Promise<Position[]> {
  if (query.after !== undefined) return [...parseCursor(query.after, backend.epoch, backend.partitions).positions]
  if (backend.partitions === 1 && query.jobId !== undefined) return [START]
  return [...(await backend.bounds()).oldest]
}

/** Only one job's events: by its back-pointers, whatever else the log holds. */
async function* readJob(backend: Backend, query: EventQuery, positions: Position[]): AsyncGenerator<LogEntry> {
  const jobId = query.jobId as string
  const partition = partitionOf(jobId, backend.partitions)
  const after = positions[partition] ?? START
  if (query.after !== undefined) await eventsOf(backend, await backend.scan(partition, after, 1))
  for await (const event of oldestFirst(backend, jobId)) {
    if (event.position.sequence <= after.sequence || !matches(event, query)) continue
    positions[partition] = event.position
    yield { event, cursor: formatCursor({ epoch: backend.epoch, positions }) }
  }
}

function matches(event: StoredEvent, query: EventQuery): boolean {
  if (query.userId !== undefined && event.userId !== query.userId) return false
  return query.types === undefined || (query.types as string[]).includes(event.type)
}

/** Takes the oldest event of all sources, and moves its source on. */
async function next(sources: Source[]): Promise<StoredEvent | null> {
  let first: Source | null = null
  for (const source of sources) {
    await source.fill()
    if (source.head !== null && (first?.head == null || source.head.at < first.head.at)) first = source
  }
  return first?.shift() ?? null
}

/** One partition, page by page, up to the end that it had. */
class Source {
  #page: StoredEvent[] = []
  #index = 0
  #isAtEnd = false
  readonly #backend: Backend
  readonly #partition: number
  readonly #positions: Position[]
  readonly #end: number

  constructor(backend: Backend, partition: number, positions: Position[], newest: readonly Position[]) {
    this.#backend = backend
    this.#partition = partition
    this.#positions = positions
    this.#end = newest[partition]?.sequence ?? 0
  }

  get head(): StoredEvent | null {
    const event = this.#page[this.#index] ?? null
    return event === null || event.position.sequence > this.#end ? null : event
  }

  /** Fetches the next page once this one is used up. The first fetch is always made: it looks the position up. */
  async fill(): Promise<void> {
    if (this.#index < this.#page.length || this.#isAtEnd) return
    this.#page = await eventsOf(this.#backend, await this.#backend.scan(this.#partition, this.#position, PAGE))
    this.#index = 0
    this.#isAtEnd = this.#page.length === 0 || (this.#page.at(-1)?.position.sequence ?? 0) >= this.#end
  }

  shift(): StoredEvent {
    const event = this.#page[this.#index++] as StoredEvent
    this.#positions[this.#partition] = event.position
    return event
  }

  get #position(): Position {
    return this.#positions[this.#partition] ?? START
  }
}

async function eventsOf(backend: Backend, page: ScanPage): Promise<StoredEvent[]> {
  if (page.kind === 'events') return page.events
  const { oldest, newest } = await backend.bounds()
  if (page.kind === 'gap') throw new CursorGapError(formatCursor({ epoch: backend.epoch, positions: oldest }))
  throw new LogRewoundError(formatCursor({ epoch: backend.epoch, positions: newest }))
}
