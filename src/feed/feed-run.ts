import type { Backend, LogBounds } from '../backend.ts'
import type { Position } from '../core/cursor.ts'
import type { EventReader } from '../reading/event-reader.ts'
import { isUpTo, WithoutSnapshots } from '../reading/snapshots.ts'
import type { StoredEvent } from '../stored-event.ts'
import type { FeedEntry, LiveReader } from './live-reader.ts'
import { ReaderIndex } from './reader-index.ts'

/**
 * One reading of the log as it grows, from a position until it is stopped or can't go on: events come in, each is looked
 * at once, and handed to the readers that want it. Numbers are dense: where one is missing, the run is over, and its
 * readers find out by reading the log why.
 */
export class FeedRun {
  readonly #events: EventReader
  /** The log as it was when the run began, at its end. */
  readonly #bounds: LogBounds
  readonly #positions: Position[]
  readonly #readers = new ReaderIndex()
  readonly #snapshots = new WithoutSnapshots()
  readonly #stop = new AbortController()
  #isOver = false
  #wasStopped = false
  /** Why it can't go on, if its readers can't either. */
  failure: unknown = null
  /** Settles when nothing of it is left. */
  readonly ended: Promise<void>

  constructor(backend: Backend, events: EventReader, bounds: LogBounds) {
    this.#events = events
    this.#bounds = bounds
    this.#positions = [...bounds.newest]
    const deliver = (partition: number, come: readonly StoredEvent[]): void => this.#deliver(partition, come)
    this.ended = backend.follow(bounds.newest, deliver, this.#stop.signal).then(
      () => this.#end(null),
      (error: unknown) => this.#end(error),
    )
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Ended by itself, before anything had come. */
  get wasFruitless(): boolean {
    const { newest } = this.#bounds
    const hasGivenUp = this.#isOver && !this.#wasStopped && this.failure === null
    return hasGivenUp && this.#positions.every((position, at) => position === newest[at])
  }

  /** What has been handed over. */
  get positions(): readonly Position[] {
    return this.#positions
  }

  attach(reader: LiveReader): void {
    this.#readers.add(reader)
  }

  detach(reader: LiveReader): void {
    this.#readers.delete(reader)
  }

  /** Frees what it needs, and cuts its readers off. */
  stop(): void {
    this.#wasStopped = true
    this.#end(null)
  }

  #deliver(partition: number, events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (this.#isOver) return
      if (event.position.sequence !== (this.#positions[partition]?.sequence ?? 0) + 1) return this.#end(null)
      this.#positions[partition] = event.position
      const visible = this.#snapshots.see(event)
      if (visible !== null) this.#handOver(partition, visible)
    }
  }

  #handOver(partition: number, event: StoredEvent): void {
    let entry: FeedEntry | null = null
    this.#readers.forEach(event, (reader) => {
      entry ??= { event, linked: this.#link(partition, event), partition, positions: [...this.#positions] }
      if (!reader.push(entry)) this.#readers.delete(reader)
    })
  }

  /**
   * A run does not know of the snapshots from before it began. There are none where nothing was ever compacted; elsewhere
   * each job's first event costs a look, and all that come together are looked up together.
   */
  #link(partition: number, event: StoredEvent): Promise<StoredEvent> | null {
    const { oldest, newest } = this.#bounds
    const start = newest[partition]
    if (oldest[partition]?.sequence === 0 || event.previous === null || start === undefined) return null
    if (!isUpTo(event.previous, start)) return null
    const linked = this.#events.withoutSnapshots(event, start)
    linked.catch(() => {})
    return linked
  }

  #end(failure: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.failure = failure
    this.#stop.abort()
    for (const reader of this.#readers) reader.cutOff()
  }
}
