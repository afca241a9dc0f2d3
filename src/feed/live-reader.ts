import type { Position } from '../core/cursor.ts'
import type { EventQuery } from '../core/event.ts'
import { matches } from '../reading/log.ts'
import type { StoredEvent } from '../stored-event.ts'
import { Backlog } from './backlog.ts'

/** An event on its way to readers, shared by them: still bytes. */
export interface FeedEntry {
  event: StoredEvent
  /** The event with a `previous` that is no snapshot, if that is being looked up. */
  linked: Promise<StoredEvent> | null
  partition: number
  /** Where the feed stood just after it, in each partition. */
  positions: readonly Position[]
}

/** What a reader wants, and how much of it may wait. */
export interface ReaderOptions {
  filter: EventQuery
  conflateProgress: boolean
  bufferSize: number
}

/**
 * One reader's end of the feed: what has come for it and was not taken yet. Open; then cut off, by the feed, by its reader's end, or
 * because its buffer was full: nothing more comes, what is there can still be taken, and the log has the rest; or overflown, if its
 * reader was too slow: what was there is gone.
 *
 * A full buffer alone says nothing of its reader, who may have taken everything before: what comes at once, a page of the
 * log in each partition, can be more than it holds. Slow is who is not waiting for an event by then, nor once everybody has
 * had a turn. Either way no more than the buffer is held.
 */
export class LiveReader {
  readonly filter: EventQuery
  readonly #options: ReaderOptions
  readonly #isAwaited: () => boolean
  readonly #waiting: Backlog<FeedEntry>
  #wake: () => void = () => {}
  /** Given up: its buffer was full, and its reader elsewhere. */
  isOverflown = false
  /** Nothing more comes. */
  isCutOff = false

  /** @param isAwaited whether its reader waits for an event at that moment */
  constructor(options: ReaderOptions, isAwaited: () => boolean) {
    this.filter = options.filter
    this.#options = options
    this.#waiting = new Backlog(options.conflateProgress)
    this.#isAwaited = isAwaited
  }

  wants(event: StoredEvent): boolean {
    return matches(event, this.filter)
  }

  /** @returns whether there was room */
  push(entry: FeedEntry): boolean {
    this.#waiting.makeRoomFor(entry)
    if (this.#waiting.size >= this.#options.bufferSize) {
      this.#leaveBehind()
      return false
    }
    this.#waiting.push(entry)
    this.#wake()
    return true
  }

  /** @returns the oldest that waits; null if none does */
  take(): FeedEntry | null {
    return this.#waiting.take()
  }

  cutOff(): void {
    this.isCutOff = true
    this.#wake()
  }

  clear(): void {
    this.#waiting.clear()
  }

  /** Resolves when something has come, or nothing more will. One may wait at a time. */
  changed(): Promise<void> {
    if (this.#waiting.size > 0 || this.isOverflown || this.isCutOff) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** A reader that takes one event after the other is not waiting between two of them, but is again within the same turn. */
  #leaveBehind(): void {
    this.cutOff()
    if (this.#isAwaited()) return
    setImmediate(() => {
      if (this.#isAwaited()) return
      this.isOverflown = true
      this.clear()
    })
  }
}
