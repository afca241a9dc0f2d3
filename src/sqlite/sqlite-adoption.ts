import { setImmediate as nextTurn } from 'node:timers/promises'
import { StoreMismatchError } from '../core/errors.ts'
import type { AdoptedEvent, Census } from '../maintenance.ts'
import { positionOf } from './event-table.ts'
import type { JobLink } from './job-links.ts'
import type { LogHead } from './meta-table.ts'
import type { SqliteFile } from './sqlite-file.ts'
import type { Tables } from './tables.ts'

/** Another log's events taken over into an SQLite file, and the end of that: from revive() on the store takes commands. */
export class SqliteAdoption {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    this.#file = file
  }

  async adopt(events: readonly AdoptedEvent[]): Promise<number> {
    await nextTurn()
    return this.#file.write((tables) => {
      const { meta } = tables
      const head = meta.head()
      const start = head.sequence
      if (start === 0) meta.setAdopting(true)
      for (const event of events) adoptOne(tables, head, event)
      if (head.sequence > start) {
        meta.setAdopting(true)
        meta.advance(head.sequence, head.at)
      }
      return head.sequence - start
    })
  }

  isAdopting(): Promise<boolean> {
    return this.#file.read(({ meta }) => meta.head().isAdopting)
  }

  async revive(endsAdoption: boolean): Promise<number> {
    if ((await this.#file.read(wrongIn)) === 0) return 0
    return this.#file.write((tables) => {
      const { meta, events } = tables
      if (!endsAdoption) meta.headOfWhole()
      const wrong = wrongIn(tables)
      const { at } = meta.head()
      meta.setAdopting(false)
      meta.advance(endsOf(tables).end.sequence, Math.max(at, events.newest?.at ?? 0))
      return wrong
    })
  }
}

/** Where the log ends, and where it is kept that it does. */
export function endsOf({ meta, events }: Tables): Pick<Census, 'end' | 'endKept'> {
  const { sequence, trimmedThrough } = meta.head()
  const newest = events.newest?.sequence ?? Math.max(sequence, trimmedThrough)
  return { end: positionOf(newest), endKept: positionOf(sequence) }
}

function wrongIn(tables: Tables): number {
  const { end, endKept } = endsOf(tables)
  return (tables.meta.head().isAdopting ? 1 : 0) + (end.sequence === endKept.sequence ? 0 : 1)
}

/** Appends an event, and moves the head, unless the job has it already. */
function adoptOne(tables: Tables, head: LogHead, event: AdoptedEvent): void {
  const { events, jobLinks } = tables
  const link = jobLinks.find(event.jobId)
  if (link !== null && !isNewer(tables, event, link)) return
  if (!head.isAdopting && head.sequence > 0)
    throw StoreMismatchError.of('a log with this number of events:', 0, head.sequence - head.trimmedThrough)
  head.isAdopting = true
  head.sequence++
  head.at = Math.max(head.at, event.at)
  const { sequence, at } = head
  events.append({ ...event, stamp: null, sequence, previous: link?.lastEvent ?? null, at })
  if (link === null) jobLinks.add(event.jobId, event.version, sequence)
  else jobLinks.move(link.number, event.version, sequence)
}

/** A snapshot has the version of the event before it. */
function isNewer({ events }: Tables, { type, version }: AdoptedEvent, known: JobLink): boolean {
  if (version !== known.version) return version > known.version
  return type === 'snapshotted' && events.get(known.lastEvent)?.type !== 'snapshotted'
}
