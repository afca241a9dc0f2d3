import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ArchivePlace } from '../contract.ts'
import type { JobEvent } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'
import { ARCHIVE_START, type ArchiveEntry, type ArchiveKey } from './archive-table.ts'
import type { SqliteFile } from './sqlite-file.ts'

/** Events that one transaction takes, or gives: some 5 ms, for which this process stands still. */
const EVENTS_A_CALL = 256

/** The archive of other stores' older events in an SQLite file. */
export class SqliteArchive {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    this.#file = file
  }

  /** On disk when it resolves; what is there already is left as it is. @throws InvalidCursorError, StoreMismatchError */
  async append(events: readonly JobEvent<JobCore>[]): Promise<void> {
    for (let at = 0; at < events.length; at += EVENTS_A_CALL) {
      await nextTurn()
      const page = events.slice(at, at + EVENTS_A_CALL)
      await this.#file.write(({ archive }) => {
        for (const event of page) archive.add(event)
      })
    }
  }

  /** A page of one job's events after a place, oldest first. */
  ofJob(jobId: string, after: ArchiveKey | null): Promise<ArchiveEntry[]> {
    return this.#file.read(({ archive }) => archive.ofJob(jobId, after ?? ARCHIVE_START, EVENTS_A_CALL))
  }

  /** A page of one part of a log after a place, oldest first. */
  ofLog(place: ArchivePlace, after: ArchiveKey | null): Promise<ArchiveEntry[]> {
    const start = { ...ARCHIVE_START, sequence: place.sequence, number: Number.MAX_SAFE_INTEGER }
    return this.#file.read(({ archive }) => archive.ofLog(place, after ?? start, EVENTS_A_CALL))
  }
}
