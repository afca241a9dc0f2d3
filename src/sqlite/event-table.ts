import type { StoredEvent } from '../stored-event.ts'
import type { Position } from '../core/cursor.ts'
import type { StampField } from '../core/job.ts'
import type { Connection, Statement } from './driver.ts'

/** An event as the table takes it: its id, position and previous follow from `sequence` and `previous`. */
export interface NewEvent extends Omit<StoredEvent, 'id' | 'position' | 'previous' | 'removed'> {
  sequence: number
  previous: number | null
  removed: readonly string[]
}

interface EventRow {
  seq: number
  type: string
  stamp: StampField | null
  job_id: string
  user_id: string
  version: number
  previous: number | null
  at: number
  removed: string | null
  meta: Buffer | null
  data: Buffer
}

/** The log. Only ever appended to; compaction takes from its beginning. */
export class EventTable {
  readonly #append: Statement<unknown[]>
  readonly #get: Statement<[sequence: number], EventRow>
  readonly #after: Statement<[sequence: number, limit: number], EventRow>
  readonly #firstAt: Statement<[], number>

  constructor(connection: Connection) {
    this.#append = connection.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#get = connection.prepare('SELECT * FROM events WHERE seq = ?')
    this.#after = connection.prepare('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?')
    this.#firstAt = connection.prepare<[], number>('SELECT at FROM events ORDER BY seq LIMIT 1').pluck()
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

  /** The oldest event's time, ms. */
  get firstAt(): number | null {
    return this.#firstAt.get() ?? null
  }
}

/** The place in the log just after the event with this number. */
export function positionOf(sequence: number): Position {
  return { sequence, key: String(sequence) }
}

function eventOf(row: EventRow): StoredEvent {
  const position = positionOf(row.seq)
  return {
    id: position.key,
    position,
    type: row.type,
    stamp: row.stamp,
    jobId: row.job_id,
    userId: row.user_id,
    version: row.version,
    previous: row.previous === null ? null : String(row.previous),
    at: row.at,
    removed: row.removed === null ? [] : (JSON.parse(row.removed) as string[]),
    meta: row.meta,
    data: row.data,
  }
}
