import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Position } from '../core/cursor.ts'
import type { Snapshot } from '../maintenance.ts'
import type { SqliteFile } from './sqlite-file.ts'
import type { Tables } from './tables.ts'

/** The log of a store in an SQLite file made shorter. Pages that come free are used again; the file stays as large as it was. */
export class SqliteCompaction {
  readonly #file: SqliteFile
  readonly #now: () => number

  /** @param now the clock, in ms since 1970 */
  constructor(file: SqliteFile, now: () => number) {
    this.#file = file
    this.#now = now
  }

  async snapshot(snapshots: readonly Snapshot[]): Promise<boolean[]> {
    await nextTurn()
    return this.#file.write((tables) => {
      const head = tables.meta.headOfWhole()
      const at = Math.max(this.#now(), head.at)
      let { sequence } = head
      const done = snapshots.map((snapshot) => {
        const isDone = append(tables, snapshot, sequence + 1, at)
        if (isDone) sequence++
        return isDone
      })
      if (sequence > head.sequence) tables.meta.advance(sequence, at)
      return done
    })
  }

  async trim(through: Position, jobIds: readonly string[]): Promise<void> {
    await nextTurn()
    return this.#file.write(({ meta, events, jobLinks }) => {
      if (through.sequence > meta.head().trimmedThrough) {
        events.trim(through.sequence)
        meta.trim(through.sequence)
      }
      for (const jobId of jobIds) jobLinks.removeEnded(jobId, through.sequence)
    })
  }
}

/** @returns whether the job was still at its version */
function append({ events, jobLinks }: Tables, snapshot: Snapshot, sequence: number, at: number): boolean {
  const { jobId, version, eventId, userId, data, meta } = snapshot
  const link = jobLinks.find(jobId)
  if (link === null || link.isLive === 0 || link.version !== version || String(link.lastEvent) !== eventId) return false
  events.append({
    sequence,
    type: 'snapshotted',
    stamp: null,
    jobId,
    userId,
    version,
    previous: link.lastEvent,
    at,
    removed: [],
    meta,
    data,
  })
  jobLinks.move(link.number, version, sequence)
  return true
}
