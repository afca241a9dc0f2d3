import { isDeepStrictEqual } from 'node:util'
import { decodeFields, encodeValue } from '../codec.ts'
import type { ArchivePlace } from '../contract.ts'
import { readCursor } from '../core/cursor.ts'
import { quote, StoreMismatchError } from '../core/errors.ts'
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

/** What an event that is there already is known by. */
type KnownRow = [jobId: string, version: number, type: string, at: number, data: Buffer]

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
  readonly #known: Statement<[epoch: string, eventId: string], KnownRow>
  readonly #ofJob: Statement<unknown[], ArchiveRow>
  readonly #ofLog: Statement<unknown[], ArchiveRow>

  constructor(connection: Connection) {
    // Not INSERT OR IGNORE, which would leave out what breaks any other rule, too.
    this.#add = connection.prepare(
      `INSERT INTO archived_events VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (epoch, event_id) DO NOTHING`,
    )
    this.#known = connection
      .prepare<[string, string], KnownRow>(
        'SELECT job_id, version, type, at, data FROM archived_events WHERE epoch = ? AND event_id = ?',
      )
      .raw()
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

  /** Does nothing if it is there already. @throws InvalidCursorError; StoreMismatchError if another event is in its place */
  add(event: JobEvent<JobCore>): void {
    const { id, cursor, type, jobId, userId, version, previous, at, removed, meta, data } = event
    const { epoch, positions } = readCursor(cursor)
    const partition = partitionOf(jobId, positions.length)
    const bytes = encodeValue(data)
    const { changes } = this.#add.run(
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
      bytes,
    )
    if (changes === 0) this.#requireSame(epoch, id, [jobId, version, type, at.getTime(), bytes])
  }

  #requireSame(epoch: string, id: string, given: KnownRow): void {
    const known = this.#known.get(epoch, id)
    if (known !== undefined && isDeepStrictEqual(contentOf(known), contentOf(given))) return
    throw new StoreMismatchError(
      `The archive holds another event ${quote(id)} of this log, which has lost events since they were archived (was it restored from a backup?). None was dropped in its place: give the log another archive.`,
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

/** Decoded: the same fields may come in another order, or from another release. */
function contentOf([jobId, version, type, at, data]: KnownRow): unknown[] {
  return [jobId, version, type, at, decodeFields(data)]
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
