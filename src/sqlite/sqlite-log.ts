import type { Deliver, HistoryPage, LogBounds, ScanPage } from '../backend.ts'
import type { Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import { followByScan } from '../follow-by-scan.ts'
import type { StoredEvent } from '../stored-event.ts'
import { isPosition, positionOf } from './event-table.ts'
import type { SqliteFile } from './sqlite-file.ts'

/** Between two looks for what other processes have written. A look takes some microseconds. */
const LOOK_MS = 5

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

  isPosition(position: Position): boolean {
    return isPosition(position)
  }

  scan(after: Position, limit: number): Promise<ScanPage> {
    return this.#file.read(({ meta, events }) => {
      const { sequence, trimmedThrough } = meta.head()
      if (after.sequence > sequence) return { kind: 'rewound' }
      if (after.sequence < trimmedThrough) return { kind: 'gap' }
      const isInLog = after.sequence > trimmedThrough
      if (isInLog && events.positionAfter(after.sequence).key !== after.key) return { kind: 'rewound' }
      return { kind: 'events', events: events.after(after.sequence, limit) }
    })
  }

  bounds(): Promise<LogBounds> {
    return this.#file.read(({ meta, events }) => {
      const { sequence, trimmedThrough } = meta.head()
      return { oldest: [positionOf(trimmedThrough)], newest: [events.positionAfter(sequence)] }
    })
  }

  async follow(after: Position, deliver: Deliver, signal: AbortSignal): Promise<void> {
    const file = this.#file
    const timer = setInterval(() => file.lookAround(), LOOK_MS)
    try {
      const scan = (from: Position, limit: number): Promise<ScanPage> => this.scan(from, limit)
      await followByScan({ scan, growth: file.growth }, after, deliver, signal)
    } finally {
      clearInterval(timer)
    }
  }

  positionBefore(ms: number): Promise<Position> {
    return this.#file.read(({ meta, events }) => {
      const { sequence, trimmedThrough } = meta.head()
      return events.positionAfter(events.lastBefore(ms, trimmedThrough, sequence))
    })
  }
}
