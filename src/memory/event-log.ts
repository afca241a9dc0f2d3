import type { HistoryPage, ScanPage } from '../backend.ts'
import { START, type Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import { Growth } from '../growth.ts'
import type { StoredEvent } from '../stored-event.ts'

/** Slots of dropped events that may stand at the list's beginning: moving the rest up for each one would take all the time. */
const MOST_EMPTY_SLOTS = 1000

/** The log: the only truth. An event's id is its number. What it gives out is the caller's. */
export class EventLog {
  readonly growth: Growth = new Growth()
  /** Begins with event number #first; dropped ones leave an empty slot until there are many. */
  #events: (StoredEvent | undefined)[] = []
  #first = 1
  #trimmed = 0
  #lastAt: number | null = null

  /** @returns the event's id */
  append(event: Omit<StoredEvent, 'id' | 'position'>): EventId {
    const position = positionOf(this.#first + this.#events.length)
    this.#events.push({ id: position.key, position, ...event })
    this.#lastAt = event.at
    this.growth.advance()
    return position.key
  }

  /** Events that it holds. */
  get size(): number {
    return this.end.sequence - this.#trimmed
  }

  /** Just before the oldest event that was not dropped. */
  get beginning(): Position {
    return positionOf(this.#trimmed)
  }

  /** Just after the newest event. */
  get end(): Position {
    return positionOf(this.#first + this.#events.length - 1)
  }

  /** The oldest event's time, ms. */
  get firstAt(): number | null {
    return this.#at(this.#trimmed + 1)?.at ?? null
  }

  /** The newest event's time, ms; also once that was dropped. */
  get lastAt(): number | null {
    return this.#lastAt
  }

  /** null if there is no event with this id, or it was dropped. */
  get(id: EventId): StoredEvent | null {
    const event = this.#at(Number(id))
    return event === undefined ? null : { ...event }
  }

  /** One job's events by their back-pointers, newest first. */
  back(from: EventId | null, limit: number): HistoryPage {
    const events: StoredEvent[] = []
    let next = from
    while (next !== null && events.length < limit) {
      const event = this.get(next)
      if (event === null) return { events, next, isTruncated: true }
      events.push(event)
      next = event.previous
    }
    return { events, next, isTruncated: false }
  }

  /** Events after this number, oldest first; none that were dropped. */
  after(sequence: number, limit: number): StoredEvent[] {
    const start = Math.max(sequence, this.#trimmed) + 1 - this.#first
    return this.#events.slice(start, start + limit).map((event) => ({ ...(event as StoredEvent) }))
  }

  /** The same for who has read up to there: events in between may be gone, or never have been. */
  scan(sequence: number, limit: number): ScanPage {
    if (sequence > this.end.sequence) return { kind: 'rewound' }
    if (sequence < this.#trimmed) return { kind: 'gap' }
    return { kind: 'events', events: this.after(sequence, limit) }
  }

  /** Just after the last event before a time: times never go back. Where the log begins, if there is none. */
  positionBefore(ms: number): Position {
    let low = this.#trimmed
    let high = this.end.sequence
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#at(middle) as StoredEvent).at < ms) low = middle
      else high = middle - 1
    }
    return positionOf(low)
  }

  /** Drops the events up to this number, and frees their memory. */
  trim(through: number): void {
    while (this.#trimmed < Math.min(through, this.end.sequence)) {
      this.#trimmed++
      this.#events[this.#trimmed - this.#first] = undefined
    }
    const empty = this.#trimmed + 1 - this.#first
    if (empty < Math.max(MOST_EMPTY_SLOTS, this.#events.length / 2)) return
    this.#events = this.#events.slice(empty)
    this.#first += empty
  }

  #at(sequence: number): StoredEvent | undefined {
    return this.#events[sequence - this.#first]
  }
}

function positionOf(sequence: number): Position {
  return sequence === 0 ? START : { sequence, key: String(sequence) }
}
