import { readCursor } from '../../../src/core/cursor.ts'
import type { JobStore } from '../../../src/contract.ts'
import type { Cursor, JobEvent } from '../../../src/core/event.ts'
import type { AnyJob } from '../../contract/harness.ts'

/** What a reader had without a break: from where it began to an error, or to its end. */
export interface Slice {
  events: JobEvent<AnyJob>[]
  /** The error's code; null for none. */
  ending: string | null
}

/** Where an error of a reader's says that it may go on, by code. */
const GOES_ON_AT: Record<string, (error: Record<string, Cursor>) => Cursor | undefined> = {
  CURSOR_GAP: ({ oldest }) => oldest,
  LOG_REWOUND: ({ newest }) => newest,
  SLOW_CONSUMER: ({ cursor }) => cursor,
}

/** What is peculiar to a reader. */
export interface ReaderOptions {
  bufferSize?: number
  /** Waited for with each event. */
  handle?: () => Promise<void>
}

/** A reader of all events that goes on where its errors say, until it is told to stop, or another error ends it. */
export class FollowedLog {
  readonly slices: Slice[] = []
  readonly #store: JobStore<AnyJob>
  readonly #options: ReaderOptions
  readonly #stop = new AbortController()
  readonly #reading: Promise<void>
  #cursor: Cursor = 'start'

  constructor(store: JobStore<AnyJob>, options: ReaderOptions = {}) {
    this.#store = store
    this.#options = options
    this.#reading = this.#readOn()
  }

  /** Events of the log up to where it stands. */
  get place(): number {
    return this.#cursor === 'start' ? 0 : numberOf(this.#cursor)
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await this.#reading
  }

  async #readOn(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { handle, ...own } = this.#options
      const slice: Slice = { events: [], ending: null }
      this.slices.push(slice)
      try {
        for await (const event of this.#store.subscribe({ ...own, after: this.#cursor, signal: this.#stop.signal })) {
          this.#cursor = event.cursor
          slice.events.push(event)
          await handle?.()
        }
      } catch (error) {
        const { code = String(error) } = error as { code?: string }
        slice.ending = code
        const next = GOES_ON_AT[code]?.(error as Record<string, Cursor>)
        if (next === undefined) return
        this.#cursor = next
      }
    }
  }
}

/** O3: what a reader got is a slice of the log without a hole, or ended in one of the three errors. */
export function sliceFaults(slices: readonly Slice[], log: readonly JobEvent<AnyJob>[]): string[] {
  const known = new Set(log.map(({ id }) => id))
  const violations: string[] = []
  for (const { events, ending } of slices) {
    if (ending !== null && GOES_ON_AT[ending] === undefined) violations.push(`O3: a reader ended with ${ending}`)
    const lost = events.find(({ id }) => !known.has(id))
    if (lost !== undefined && ending !== 'LOG_REWOUND')
      violations.push(`O3: a reader has ${lost.id}, which is not in the log, and was told ${ending ?? 'nothing'}`)
    for (const [index, { id, cursor }] of events.entries()) {
      const before = events[index - 1]
      if (before !== undefined && numberOf(cursor) !== numberOf(before.cursor) + 1)
        violations.push(`O3: a reader got ${id} after ${before.id}, which is not the one before it`)
    }
  }
  return violations
}

function numberOf(cursor: Cursor): number {
  return readCursor(cursor).positions.reduce((sum, { sequence }) => sum + sequence, 0)
}
