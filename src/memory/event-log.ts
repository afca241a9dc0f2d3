import type { HistoryPage } from '../backend.ts'
import { START, type Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import type { StoredEvent } from '../stored-event.ts'

/** The log: the only truth. An event's id is its number. What it gives out is the caller's. */
export class EventLog {
  readonly #events: StoredEvent[] = []

  /** @returns the event's id */
  append(event: Omit<StoredEvent, 'id' | 'position'>): EventId {
    const sequence = this.#events.length + 1
    const id = String(sequence)
    this.#events.push({ id, position: { sequence, key: id }, ...event })
    return id
  }

  get size(): number {
    return this.#events.length
  }

  /** Just after the newest event. */
  get end(): Position {
    return this.#events.at(-1)?.position ?? START
  }

  /** The oldest event's time, ms. */
  get firstAt(): number | null {
    return this.#events[0]?.at ?? null
  }

  /** The newest event's time, ms. */
  get lastAt(): number | null {
    return this.#events.at(-1)?.at ?? null
  }

  /** null if there is no event with this id. */
  get(id: EventId): StoredEvent | null {
    const event = this.#events[Number(id) - 1]
    return event === undefined ? null : { ...event }
  }

  /** One job's events by their back-pointers, newest first. */
  back(from: EventId | null, limit: number): HistoryPage {
    const events: StoredEvent[] = []
    let event = from === null ? null : this.get(from)
    while (event !== null && events.length < limit) {
      events.push(event)
      event = event.previous === null ? null : this.get(event.previous)
    }
    return { events, next: event?.id ?? null, isTruncated: false }
  }

  /** Events after this number, oldest first. */
  after(sequence: number, limit: number): StoredEvent[] {
    return this.#events.slice(sequence, sequence + limit).map((event) => ({ ...event }))
  }
}
