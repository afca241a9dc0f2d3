import type { Backend } from '../backend.ts'
import type { Position } from '../core/cursor.ts'
import { LogRewoundError, SlowConsumerError } from '../core/errors.ts'
import type { Cursor, JobEvent } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'
import { partitionOf } from '../core/order.ts'
import type { EventReader } from '../reading/event-reader.ts'
import type { LogEntry } from '../reading/log.ts'
import { conflated } from './conflated.ts'
import { Ending } from './ending.ts'
import type { FeedRun } from './feed-run.ts'
import type { Feed } from './feed.ts'
import { LiveReader, type FeedEntry, type ReaderOptions } from './live-reader.ts'

/** So many events behind, a reader reads the log; nearer, it joins the feed first, so that reading comes to an end. */
const NEAR = 256

/** Where a subscription begins. */
export interface Beginning {
  /** null: at the log's beginning, wherever that is. */
  positions: readonly Position[] | null
  /** The positions are the log's own, and need not be looked up. */
  isSure: boolean
}

/** What a subscription works with. */
export interface SubscriptionParts {
  backend: Backend
  events: EventReader
  feed: Feed
}

/**
 * One reader's way through the log: catching up by reading it, then live from the feed; back to catching up if the feed
 * was cut off, which finds out why, or brought more at once than the buffer holds; ended by its reader, by its signal, by
 * close(), or by an error. Where it stands is one vector all along, so that nothing is left out or comes twice where one
 * hands over to the other.
 */
export class Subscription<T extends JobCore> {
  readonly ending: Ending
  readonly #parts: SubscriptionParts
  readonly #options: ReaderOptions
  /** Settles once its place in the log is fixed. */
  readonly begun: Promise<Beginning>
  #positions: readonly Position[] | null = null
  #isSure = false
  #epoch = ''
  #run: FeedRun | null = null
  #reader: LiveReader | null = null
  /** Whether a next() is pending: between two of them the reader is busy with what it has got. */
  #isAwaited = true

  /** Needs nothing but its place in the log before it is read. */
  constructor(parts: SubscriptionParts, options: ReaderOptions, begun: Promise<Beginning>, signal?: AbortSignal) {
    this.#parts = parts
    this.#options = options
    this.begun = begun
    // It is told to who reads; there may be nobody.
    begun.catch(() => {})
    this.ending = new Ending(signal, () => this.#free())
  }

  /** Where it begins, once that is fixed; null at the log's beginning. @throws what `begun` does */
  async beginning(): Promise<Cursor | null> {
    const { positions } = await this.begun
    return positions === null ? null : this.#parts.events.cursorAt(positions)
  }

  /** To be gone through once. @throws what `begun` does, CursorGapError, LogRewoundError, SlowConsumerError */
  async *events(): AsyncGenerator<JobEvent<T>> {
    try {
      this.#parts.feed.expect(this.ending)
      const beginning = await this.ending.orEnd(this.begun)
      // The end may have come since: who has left must not enter.
      if (beginning === null || this.ending.isEnded) return
      this.#parts.feed.enter(this.ending)
      this.#positions = beginning.positions
      this.#isSure = beginning.isSure
      this.#epoch = this.#parts.backend.epoch
      while (!this.ending.isEnded) {
        yield* this.#catchUp()
        const reader = this.#reader
        // The end has come first.
        if (reader === null) return
        // Here, and not in a generator or function that waits as well: each costs turns of the microtasks, and what waits in
        // 10,000 readers keeps the garbage collector busy.
        while (!this.ending.isEnded) {
          this.#isAwaited = true
          const entry = reader.take()
          if (entry === null) {
            if (reader.isOverflown) throw SlowConsumerError.of(this.#cursor())
            if (reader.isCutOff) break
            await reader.changed()
          } else if (this.#isNew(entry))
            yield this.#hand(entry.linked === null ? entry : { ...entry, event: await entry.linked })
          else if (this.#isAnother(entry)) break
        }
        this.#leaveRun()
      }
    } finally {
      this.ending.end()
    }
  }

  /** Reads the log, until the reader has joined a run of the feed and misses nothing before that. */
  async *#catchUp(): AsyncGenerator<JobEvent<T>> {
    while (!this.ending.isEnded) {
      const run = await this.ending.orEnd(this.#parts.feed.run())
      if (run === null || this.ending.isEnded) return
      this.#requireEpoch(run)
      if (!this.#isSure || this.#distanceTo(run.positions) > NEAR) {
        yield* this.#read()
        continue
      }
      this.#join(run)
      if (this.#distanceTo(run.positions) > 0) yield* this.#read()
      return
    }
  }

  /** Reads the log to the end that it has now. */
  async *#read(): AsyncGenerator<JobEvent<T>> {
    const { filter, conflateProgress, bufferSize } = this.#options
    const log = this.#parts.events.readOn(filter, this.#positions)
    const reading = conflateProgress ? conflated(log, bufferSize) : log
    try {
      for (;;) {
        this.#isAwaited = true
        const next = await this.ending.orEnd(reading.next())
        if (next === null) return
        if (next.done === true) {
          this.#goTo(next.value)
          this.#isSure = true
          return
        }
        yield this.#hand(next.value)
      }
    } finally {
      // Reading ahead ends with it.
      void log.return([]).catch(() => {})
    }
  }

  #join(run: FeedRun): void {
    this.#run = run
    this.#reader = new LiveReader(this.#options, () => this.#isAwaited)
    if (run.isOver) this.#reader.cutOff()
    else run.attach(this.#reader)
  }

  /** Whatever has ended the run: where the reader stands is to be looked up in the log. */
  #leaveRun(): void {
    const run = this.#run
    if (run === null || this.ending.isEnded) return
    if (run.failure !== null) throw run.failure
    if (this.#reader !== null) run.detach(this.#reader)
    this.#isSure = false
  }

  #hand({ event, positions }: LogEntry): JobEvent<T> {
    this.#isAwaited = false
    this.#goTo(positions)
    return this.#parts.events.decodeAt<T>(event, this.#cursor())
  }

  /** Where a reading was ahead of the feed, the feed comes after it. */
  #goTo(positions: readonly Position[]): void {
    const own = this.#positions
    this.#positions = positions.map((position, partition) => {
      const held = own?.[partition]
      return held !== undefined && held.sequence > position.sequence ? held : position
    })
  }

  #isNew({ event, partition }: FeedEntry): boolean {
    return event.position.sequence > (this.#positions?.[partition]?.sequence ?? 0)
  }

  /** Whether the log has come to hold another event where the reader has been. */
  #isAnother({ event, partition }: FeedEntry): boolean {
    const held = this.#positions?.[partition]
    return held !== undefined && held.sequence === event.position.sequence && held.key !== event.position.key
  }

  /** Events that the reader has to go to reach a position, whether it wants them or not. */
  #distanceTo(positions: readonly Position[]): number {
    const { jobId } = this.#options.filter
    const only = jobId === undefined ? null : partitionOf(jobId, positions.length)
    return positions.reduce((sum, { sequence }, partition) => {
      const ahead = sequence - (this.#positions?.[partition]?.sequence ?? 0)
      return ahead > 0 && (only === null || only === partition) ? sum + ahead : sum
    }, 0)
  }

  #cursor(): string {
    return this.#parts.events.cursorAt(this.#positions ?? [])
  }

  /** @throws LogRewoundError if the store was emptied, and begun anew */
  #requireEpoch(run: FeedRun): void {
    if (this.#parts.backend.epoch === this.#epoch) return
    throw LogRewoundError.of(this.#parts.events.cursorAt(run.positions))
  }

  #free(): void {
    if (this.#reader !== null) this.#run?.detach(this.#reader)
    this.#reader?.clear()
    this.#reader?.cutOff()
    this.#parts.feed.leave(this.ending)
  }
}
