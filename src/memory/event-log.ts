import type { HistoryPage, ScanPage } from '../backend.ts'
import { START, type Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import type { StampField } from '../core/job.ts'
import { Growth } from '../growth.ts'
import { Slabs } from '../slabs.ts'
import type { StoredEvent } from '../stored-event.ts'

/** Slots of dropped events that may stand at the list's beginning: moving the rest up for each one would take all the time. */
const MOST_EMPTY_SLOTS = 1000

/** An event before it has its place. */
export type NewEvent = Omit<StoredEvent, 'id' | 'position'>

/** An event without its place, which its slot says: there are many. */
class KeptEvent {
  readonly type: string
  readonly stamp: StampField | null
  readonly jobId: string
  readonly userId: string
  readonly version: number
  readonly previous: EventId | null
  readonly at: number
  readonly removed: string[]
  readonly meta: Uint8Array | null
  readonly #slab: Buffer
  readonly #start: number
  readonly #end: number

  constructor({ type, stamp, jobId, userId, version, previous, at, removed, meta, data }: NewEvent, slabs: Slabs) {
    const { slab, start, end } = slabs.keep(data)
    this.type = type
    this.stamp = stamp
    this.jobId = jobId
    this.userId = userId
    this.version = version
    this.previous = previous
    this.at = at
    this.removed = removed
    this.meta = meta
    this.#slab = slab
    this.#start = start
    this.#end = end
  }

  stored(sequence: number): StoredEvent {
    const { type, stamp, jobId, userId, version, previous, at, removed, meta } = this
    const data = this.#slab.subarray(this.#start, this.#end)
    const position = positionOf(sequence)
    return { id: position.key, position, type, stamp, jobId, userId, version, previous, at, removed, meta, data }
  }
}

/** The log: the only truth. An event's id is its number. What it gives out is the caller's. */
export class EventLog {
  readonly growth: Growth = new Growth()
  /** Begins with event number #first; dropped ones leave an empty slot until there are many. */
  #events: (KeptEvent | undefined)[] = []
  readonly #slabs = new Slabs()
  #first = 1
  #trimmed = 0
  #lastAt: number | null = null

  /** @returns the event's id */
  append(event: NewEvent): EventId {
    this.#events.push(new KeptEvent(event, this.#slabs))
    this.#lastAt = event.at
    this.growth.advance()
    return String(this.#first + this.#events.length - 1)
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
    const sequence = Number(id)
    const event = this.#at(sequence)
    return event === undefined ? null : event.stored(sequence)
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
    const first = Math.max(sequence, this.#trimmed) + 1
    const start = first - this.#first
    return this.#events.slice(start, start + limit).map((event, index) => (event as KeptEvent).stored(first + index))
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
      if ((this.#at(middle) as KeptEvent).at < ms) low = middle
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

  #at(sequence: number): KeptEvent | undefined {
    return this.#events[sequence - this.#first]
  }
}

function positionOf(sequence: number): Position {
  return sequence === 0 ? START : { sequence, key: String(sequence) }
}
