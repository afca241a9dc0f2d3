import { decodeFields, encodeValue } from '../codec.ts'
import type { ArchivePlace } from '../contract.ts'
import { readCursor } from '../core/cursor.ts'
import type { JobEvent, JobEventType } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'
import { partitionOf } from '../core/order.ts'
import type { Connection, Statement } from './driver.ts'

/** A row as a list, in the order of the columns. */
type ArchiveRow = [
  number: number,
  epoch: string,
  partition: number,
  sequence: number,
  eventId: string,
  cursor: string,
  type: string,
  jobId: string,
  userId: string,
  version: number,
  previous: string | null,
  at: number,
  removed: string | null,
  meta: Buffer | null,
  data: Buffer,
]

/** Where a page of one job's events ended, or one of a log's. */
export interface ArchiveKey {
  number: number
  epoch: string
  sequence: number
  at: number
}

/** An archived event, and where it stands. */
export interface ArchiveEntry {
  key: ArchiveKey
  event: JobEvent<JobCore>
}

/** Before every event of a job. */
export const ARCHIVE_START: ArchiveKey = { number: 0, epoch: '', sequence: 0, at: Number.MIN_SAFE_INTEGER }

/**
 * Events that were dropped from logs, of as many stores as use the file as their archive. An event's id is unique in its
 * store only, and that store's epoch stands in every cursor.
 */
export class ArchiveTable {
  readonly #add: Statement<unknown[]>
  readonly #ofJob: Statement<unknown[], ArchiveRow>
  readonly #ofLog: Statement<unknown[], ArchiveRow>

  constructor(connection: Connection) {
    // Not INSERT OR IGNORE, which would leave out what breaks any other rule, too.
    this.#add = connection.prepare(
      `INSERT INTO archived_events VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (epoch, event_id) DO NOTHING`,
    )
    this.#ofJob = connection
      .prepare<unknown[], ArchiveRow>(
        `SELECT * FROM archived_events WHERE job_id = ? AND (at, epoch, seq) > (?, ?, ?)
         ORDER BY at, epoch, seq LIMIT ?`,
      )
      .raw()
    this.#ofLog = connection
      .prepare<unknown[], ArchiveRow>(
        `SELECT * FROM archived_events WHERE epoch = ? AND partition = ? AND (seq, number) > (?, ?)
         ORDER BY seq, number LIMIT ?`,
      )
      .raw()
  }

  /** Does nothing if it is there already. @throws InvalidCursorError */
  add(event: JobEvent<JobCore>): void {
    const { id, cursor, type, jobId, userId, version, previous, at, removed, meta, data } = event
    const { epoch, positions } = readCursor(cursor)
    const partition = partitionOf(jobId, positions.length)
    this.#add.run(
      epoch,
      partition,
      positions[partition]?.sequence,
      id,
      cursor,
      type,
      jobId,
      userId,
      version,
      previous,
      at.getTime(),
      removed.length === 0 ? null : JSON.stringify(removed),
      meta === null ? null : encodeValue(meta),
      encodeValue(data),
    )
  }

  /** One job's events, oldest first; those of several stores by their times. */
  ofJob(jobId: string, { at, epoch, sequence }: ArchiveKey, limit: number): ArchiveEntry[] {
    return this.#ofJob.all(jobId, at, epoch, sequence, limit).map(entryOf)
  }

  /** The events of one part of one log, oldest first. */
  ofLog({ epoch, partition }: ArchivePlace, { sequence, number }: ArchiveKey, limit: number): ArchiveEntry[] {
    return this.#ofLog.all(epoch, partition, sequence, number, limit).map(entryOf)
  }
}

function entryOf(row: ArchiveRow): ArchiveEntry {
  const [number, epoch, , sequence, id, cursor, type, jobId, userId, version, previous, at] = row
  const [removed, meta, data] = row.slice(12) as [string | null, Buffer | null, Buffer]
  const event = {
    id,
    cursor,
    type: type as JobEventType,
    jobId,
    userId,
    version,
    previous,
    at: new Date(at),
    data: decodeFields(data),
    removed: removed === null ? [] : (JSON.parse(removed) as string[]),
    meta: meta === null ? null : decodeFields(meta),
  }
  return { key: { number, epoch, sequence, at }, event }
}
