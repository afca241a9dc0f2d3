import type { HistoryPage, LogBounds, ScanPage } from '../backend.ts'
import type { Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import type { StoredEvent } from '../stored-event.ts'
import { positionOf } from './event-table.ts'
import type { SqliteFile } from './sqlite-file.ts'

/** The log of a store in an SQLite file, read. */
export class SqliteLog {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    this.#file = file
  }

  history(jobId: string, from: EventId | null, limit: number): Promise<HistoryPage> {
    return this.#file.read(({ meta, jobs, events }) => {
      const { trimmedThrough } = meta.head()
      const page: StoredEvent[] = []
      let next = from === null ? (jobs.find(jobId)?.lastEvent ?? null) : Number(from)
      while (next !== null && page.length < limit) {
        const event = events.get(next)
        if (event === null) break
        page.push(event)
        next = event.previous === null ? null : Number(event.previous)
      }
      const isTruncated = next !== null && (page.length < limit || next <= trimmedThrough)
      return { events: page, next: next === null ? null : String(next), isTruncated }
    })
  }

  scan(after: Position, limit: number): Promise<ScanPage> {
    return this.#file.read(({ meta, events }) => {
      const { sequence, trimmedThrough } = meta.head()
      if (after.sequence > sequence) return { kind: 'rewound' }
      if (after.sequence < trimmedThrough) return { kind: 'gap' }
      return { kind: 'events', events: events.after(after.sequence, limit) }
    })
  }

  bounds(): Promise<LogBounds> {
    return this.#file.read(({ meta }) => {
      const { sequence, trimmedThrough } = meta.head()
      return { oldest: [positionOf(trimmedThrough)], newest: [positionOf(sequence)] }
    })
  }

  positionBefore(ms: number): Promise<Position> {
    return this.#file.read(({ meta, events }) => {
      const { sequence, trimmedThrough } = meta.head()
      return positionOf(events.lastBefore(ms, trimmedThrough, sequence))
    })
  }
}
