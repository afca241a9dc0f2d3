import type { Backend, ScanPage } from './backend.ts'
import { formatCursor, type LogPosition, type Position } from './core/cursor.ts'
import { CursorGapError, LogRewoundError } from './core/errors.ts'
import type { Cursor } from './core/event.ts'
import type { LogSource } from './history.ts'
import type { StoredEvent } from './stored-event.ts'

/** Events of one partition that are fetched, and held, at once. */
const PAGE = 256

/** Where one partition is to be read from. */
interface Reading {
  partition: number
  position: Position
  /** A reader was there before: what comes next must be the very next event. */
  isResumed: boolean
}

/**
 * One partition, page by page, up to the end that it had: first what only the archive has, then the log. The numbers of
 * events are dense, so that what neither has is noticed.
 */
export class PartitionReader {
  readonly partition: number
  readonly #source: LogSource
  readonly #oldest: Position
  readonly #newest: Position
  readonly #isResumed: boolean
  #position: Position
  #page: StoredEvent[] = []
  #index = 0
  #isAtEnd = false
  #archived: AsyncIterator<StoredEvent> | null = null

  constructor(source: LogSource, { partition, position, isResumed }: Reading, oldest: Position, newest: Position) {
    this.partition = partition
    this.#source = source
    this.#position = position
    this.#isResumed = isResumed
    this.#oldest = oldest
    this.#newest = newest
    if (source.archive !== null && position.sequence < oldest.sequence)
      this.#archived = source.archive.after(partition, position.sequence)[Symbol.asyncIterator]()
  }

  get head(): StoredEvent | null {
    const event = this.#page[this.#index] ?? null
    return event === null || event.position.sequence > this.#newest.sequence ? null : event
  }

  /** Fetches the next page once this one is used up. The first fetch is always made: it looks the position up. */
  async fill(): Promise<void> {
    if (this.#index < this.#page.length || this.#isAtEnd) return
    this.#page = this.#archived === null ? [] : await this.#readArchive(this.#archived)
    if (this.#page.length === 0) {
      const { backend } = this.#source
      this.#page = await eventsOf(backend, await backend.scan(this.partition, this.#position, PAGE))
      this.#isAtEnd = this.#page.length === 0 || (this.#page.at(-1)?.position.sequence ?? 0) >= this.#newest.sequence
    }
    this.#index = 0
  }

  shift(): StoredEvent {
    const event = this.#page[this.#index++] as StoredEvent
    this.#position = event.position
    return event
  }

  /** @returns none once the log takes over */
  async #readArchive(archived: AsyncIterator<StoredEvent>): Promise<StoredEvent[]> {
    const events: StoredEvent[] = []
    let last = this.#position
    while (events.length < PAGE) {
      const { value, done } = await archived.next()
      const event = done === true ? undefined : value
      const isPast = event === undefined || event.position.sequence > this.#oldest.sequence
      const expected = isPast ? this.#oldest.sequence : event.position.sequence - 1
      const isFirst = last.sequence === 0 && !this.#isResumed
      // Neither the archive nor the log has what comes next.
      if (last.sequence !== expected && !isFirst) await eventsOf(this.#source.backend, { kind: 'gap' })
      if (isPast) {
        this.#archived = null
        if (events.length === 0) this.#position = this.#oldest
        break
      }
      events.push(event)
      last = event.position
    }
    return events
  }
}

/** The events of a page. @throws CursorGapError, LogRewoundError */
export async function eventsOf(backend: Backend, page: ScanPage): Promise<StoredEvent[]> {
  if (page.kind === 'events') return page.events
  const { oldest, newest } = await backend.bounds()
  const at = (positions: LogPosition['positions']): Cursor => formatCursor({ epoch: backend.epoch, positions })
  throw page.kind === 'gap' ? new CursorGapError(at(oldest)) : new LogRewoundError(at(newest))
}
