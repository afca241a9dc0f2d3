import type { StoredEvent } from '../stored-event.ts'
import type { LiveReader } from './live-reader.ts'

/** Who reads what: an event is shown to the readers of its job, of its user and of everything, and costs nothing for others. */
export class ReaderIndex {
  readonly #ofJob = new Map<string, Set<LiveReader>>()
  readonly #ofUser = new Map<string, Set<LiveReader>>()
  readonly #ofAll = new Set<LiveReader>()

  add(reader: LiveReader): void {
    const { index, key } = this.#placeOf(reader)
    if (index === null) return void this.#ofAll.add(reader)
    const readers = index.get(key)
    if (readers === undefined) index.set(key, new Set([reader]))
    else readers.add(reader)
  }

  delete(reader: LiveReader): void {
    const { index, key } = this.#placeOf(reader)
    if (index === null) return void this.#ofAll.delete(reader)
    const readers = index.get(key)
    readers?.delete(reader)
    if (readers?.size === 0) index.delete(key)
  }

  /** Calls with each reader that wants an event. */
  forEach(event: StoredEvent, call: (reader: LiveReader) => void): void {
    for (const readers of [this.#ofJob.get(event.jobId), this.#ofUser.get(event.userId), this.#ofAll])
      if (readers !== undefined) for (const reader of readers) if (reader.wants(event)) call(reader)
  }

  *[Symbol.iterator](): Generator<LiveReader> {
    for (const readers of this.#ofJob.values()) yield* readers
    for (const readers of this.#ofUser.values()) yield* readers
    yield* this.#ofAll
  }

  #placeOf({ filter: { jobId, userId } }: LiveReader): { index: Map<string, Set<LiveReader>> | null; key: string } {
    if (jobId !== undefined) return { index: this.#ofJob, key: jobId }
    return userId === undefined ? { index: null, key: '' } : { index: this.#ofUser, key: userId }
  }
}
