import type { StoredEvent } from '../stored-event.ts'
import { START, type Position } from '../core/cursor.ts'
import type { StampField } from '../core/job.ts'
import type { EventHead } from '../maintenance.ts'
import type { Connection, Statement } from './driver.ts'

/** An event as the table takes it: ids are numbers here. */
export interface NewEvent extends Omit<StoredEvent, 'id' | 'position' | 'previous' | 'removed'> {
  sequence: number
  previous: number | null
  removed: readonly string[]
}

/** A row as a list, in the order of the columns: as an object with their names it costs half as much again. */
type EventRow = [
  sequence: number,
  type: string,
  stamp: StampField | null,
  jobId: string,
  userId: string,
  version: number,
  previous: number | null,
  at: number,
  removed: string | null,
  meta: Buffer | null,
  data: Buffer,
]

type HeadRow = [sequence: number, type: string, jobId: string, at: number]

/** What the log ends with. */
interface NewestRow {
  sequence: number
  at: number
}

/** The log. Only ever appended to; compaction takes from its beginning. */
export class EventTable {
  readonly #append: Statement<unknown[]>
  readonly #get: Statement<[sequence: number], EventRow>
  readonly #after: Statement<[sequence: number, limit: number], EventRow>
  readonly #heads: Statement<[sequence: number, limit: number], HeadRow>
  readonly #firstAt: Statement<[], number>
  readonly #newest: Statement<[], NewestRow>
  readonly #at: Statement<[sequence: number], number>
  readonly #trim: Statement<[through: number]>

  constructor(connection: Connection) {
    this.#append = connection.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#get = connection.prepare<[number], EventRow>('SELECT * FROM events WHERE seq = ?').raw()
    this.#after = connection
      .prepare<[number, number], EventRow>('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?')
      .raw()
    // These stand before what is long: SQLite does not read on.
    this.#heads = connection
      .prepare<[number, number], HeadRow>('SELECT seq, type, job_id, at FROM events WHERE seq > ? ORDER BY seq LIMIT ?')
      .raw()
    this.#firstAt = connection.prepare<[], number>('SELECT at FROM events ORDER BY seq LIMIT 1').pluck()
    this.#newest = connection.prepare(
      'SELECT seq AS sequence, at FROM events WHERE seq = (SELECT max(seq) FROM events)',
    )
    this.#at = connection.prepare<[number], number>('SELECT at FROM events WHERE seq = ?').pluck()
    this.#trim = connection.prepare('DELETE FROM events WHERE seq <= ?')
  }

  append(event: NewEvent): void {
    const { sequence, type, stamp, jobId, userId, version, previous, at, meta, data } = event
    const removed = event.removed.length === 0 ? null : JSON.stringify(event.removed)
    this.#append.run(sequence, type, stamp, jobId, userId, version, previous, at, removed, meta, data)
  }

  /** The event with this number; null if there is none, or it was compacted away. */
  get(sequence: number): StoredEvent | null {
    const row = this.#get.get(sequence)
    return row === undefined ? null : eventOf(row)
  }

  /** Events after this number, oldest first. */
  after(sequence: number, limit: number): StoredEvent[] {
    return this.#after.all(sequence, limit).map(eventOf)
  }

  /** What the events after this number are about, oldest first. */
  heads(sequence: number, limit: number): EventHead[] {
    return this.#heads.all(sequence, limit).map(([number, type, jobId, at]) => {
      return { id: String(number), position: positionOf(number, at), jobId, isSnapshot: type === 'snapshotted' }
    })
  }

  /** The place just after the event with this number: without its time if it was compacted away. */
  positionAfter(sequence: number): Position {
    return positionOf(sequence, this.#at.get(sequence))
  }

  /** The oldest event's time, ms. */
  get firstAt(): number | null {
    return this.#firstAt.get() ?? null
  }

  /** The newest event's number and time, ms; null if the log holds none. */
  get newest(): NewestRow | null {
    return this.#newest.get() ?? null
  }

  /**
   * Of the events between two numbers, the last one from before a time, found by halves: times never go back.
   * @returns its number; the first of the two if there is none
   */
  lastBefore(ms: number, after: number, through: number): number {
    let low = after
    let high = through
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#at.get(middle) ?? Infinity) < ms) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Drops the events up to this number. */
  trim(through: number): void {
    this.#trim.run(through)
  }
}

/**
 * The place in the log just after an event. Its key has the event's time too, by which the event is told from another one
 * that has come to have its number, in a file that was restored from a backup or lost its end. The number comes last, as in
 * an event's id (src/core/order.ts).
 * @param at its time, ms; 0 for an event that is gone
 */
export function positionOf(sequence: number, at = 0): Position {
  return sequence === 0 ? START : { sequence, key: `${at}-${sequence}` }
}

/** Whether positionOf() can have made a position. */
export function isPosition({ sequence, key }: Position): boolean {
  const [at, number, ...others] = key.split('-')
  return /^(0|[1-9]\d*)$/.test(at ?? '') && number === String(sequence) && others.length === 0
}

function eventOf(row: EventRow): StoredEvent {
  const [sequence, type, stamp, jobId, userId, version, previous, at, removed, meta, data] = row
  return {
    id: String(sequence),
    position: positionOf(sequence, at),
    type,
    stamp,
    jobId,
    userId,
    version,
    previous: previous === null ? null : String(previous),
    at,
    removed: removed === null ? [] : (JSON.parse(removed) as string[]),
    meta,
    data,
  }
}
