import type { Backend, ScanPage } from '../backend.ts'
import { formatCursor, START, type LogPosition, type Position } from '../core/cursor.ts'
import { CursorGapError, LogRewoundError } from '../core/errors.ts'
import type { Cursor } from '../core/event.ts'
import type { StoredEvent } from '../stored-event.ts'
import type { ArchivedLog } from './archive.ts'
import { beginningOf } from './beginning.ts'
import type { LogSource } from './history.ts'
import { snapshotsBefore } from './passed-snapshots.ts'
import { SnapshotFilter, WithoutSnapshots, type SnapshotView } from './snapshots.ts'

/** Events of one partition that are fetched, and held, at once. */
const PAGE = 256

/** Where one partition is to be read from. */
interface Reading {
  partition: number
  /** A reader was there before, and the very next event must come; null: the beginning, wherever that is by now. */
  after: Position | null
  /** The log's end, which is the reading's too. */
  newest: Position
}

/**
 * One partition, page by page, up to the end that it had: first what only the archive has, then the log. A compaction may
 * run meanwhile: what it takes from under the reader is in the archive by then, and is gone on with there. The numbers of
 * events are dense, so that what neither has is noticed. Snapshots that nobody needs are left out.
 */
export class PartitionReader {
  readonly partition: number
  readonly #source: LogSource
  readonly #after: Position | null
  readonly #newest: Position
  #start: Position
  #position: Position
  #filter: SnapshotView | null = null
  #page: StoredEvent[] = []
  #index = 0
  #hasRead = false
  #isAtEnd = false
  #archived: AsyncIterator<StoredEvent> | null = null

  constructor(source: LogSource, { partition, after, newest }: Reading) {
    this.partition = partition
    this.#source = source
    this.#after = after
    this.#newest = newest
    this.#position = this.#start = after ?? START
  }

  /** Where it begins; known once it is filled. */
  get start(): Position {
    return this.#start
  }

  get head(): StoredEvent | null {
    return this.#page[this.#index] ?? null
  }

  /** Fetches the next page once this one is used up. The first fetch is always made: it looks the position up. */
  async fill(): Promise<void> {
    while (this.#index >= this.#page.length && !this.#isAtEnd) {
      const events = await this.#fetch()
      this.#page = await this.#visible(events)
      this.#index = 0
    }
  }

  shift(): StoredEvent {
    return this.#page[this.#index++] as StoredEvent
  }

  /** Frees what the archive holds for this reader. */
  async close(): Promise<void> {
    await this.#archived?.return?.()
    this.#archived = null
  }

  /** The next events, wherever they are; none only at the end. */
  async #fetch(): Promise<StoredEvent[]> {
    this.#filter ??= await this.#begin()
    const archived = await this.#readArchive()
    const events = archived.length > 0 ? archived : await this.#readLog()
    this.#position = events.at(-1)?.position ?? this.#position
    this.#hasRead = true
    this.#isAtEnd = events.length === 0 || this.#position.sequence >= this.#newest.sequence
    return events.filter(({ position }) => position.sequence <= this.#newest.sequence)
  }

  /** Finds where archive and log begin. */
  async #begin(): Promise<SnapshotView> {
    const { archive, hasSnapshots } = this.#source
    const { position, isArchived, isGone } = await beginningOf(this.#source, this.partition)
    if (this.#after === null) {
      this.#position = this.#start = position
      if (archive !== null && isArchived) this.#archived = this.#archivedAfter(archive)
    }
    return hasSnapshots ? new SnapshotFilter(isGone) : new WithoutSnapshots()
  }

  #archivedAfter(archive: ArchivedLog): AsyncIterator<StoredEvent> {
    return archive.after(this.partition, this.#position.sequence)[Symbol.asyncIterator]()
  }

  async #readLog(): Promise<StoredEvent[]> {
    const { backend, archive } = this.#source
    const page = await backend.scan(this.partition, this.#position, PAGE)
    if (page.kind !== 'gap') return eventsOf(backend, page)
    if (this.#after === null && !this.#hasRead) {
      // The beginning has moved on before anything was read.
      this.#filter = await this.#begin()
      return this.#fetch()
    }
    if (archive !== null) {
      this.#archived = this.#archivedAfter(archive)
      const archived = await this.#readArchive()
      if (archived.length > 0) return archived
    }
    return eventsOf(backend, page)
  }

  /** @returns none where the log takes over */
  async #readArchive(): Promise<StoredEvent[]> {
    const events: StoredEvent[] = []
    let { sequence } = this.#position
    while (this.#archived !== null && events.length < PAGE) {
      const { value, done } = await this.#archived.next()
      if (done === true) this.#archived = null
      else {
        if (value.position.sequence !== sequence + 1) await eventsOf(this.#source.backend, { kind: 'gap' })
        sequence = value.position.sequence
        events.push(value)
      }
    }
    return events
  }

  async #visible(events: readonly StoredEvent[]): Promise<StoredEvent[]> {
    const filter = this.#filter as SnapshotView
    // Who reads from the beginning has seen every snapshot that an event could name.
    if (this.#after !== null)
      for (const snapshot of await snapshotsBefore(this.#source, this.#after, events)) filter.see(snapshot)
    return events.map((event) => filter.see(event)).filter((event) => event !== null)
  }
}

/** The events of a page. @throws CursorGapError, LogRewoundError */
export async function eventsOf(backend: Backend, page: ScanPage): Promise<StoredEvent[]> {
  if (page.kind === 'events') return page.events
  const { oldest, newest } = await backend.bounds()
  const at = (positions: LogPosition['positions']): Cursor => formatCursor({ epoch: backend.epoch, positions })
  throw page.kind === 'gap' ? CursorGapError.of(at(oldest)) : LogRewoundError.of(at(newest))
}
