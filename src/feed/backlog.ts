import type { StoredEvent } from '../stored-event.ts'

/** What waits for a reader, by the order in which it came. How much that may be is for its owner to see to. */
export class Backlog<E extends { event: Pick<StoredEvent, 'type' | 'jobId'> }> {
  readonly #conflatesProgress: boolean
  readonly #waiting = new Map<number, E>()
  /** Of each job the 'progressed' that waits. */
  readonly #progressed = new Map<string, number>()
  #oldest = 0
  #next = 0

  constructor(conflatesProgress: boolean) {
    this.#conflatesProgress = conflatesProgress
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Lets an older 'progressed' go whose job has a newer one, which is pushed next: at its own place, so that versions ascend. */
  makeRoomFor({ event: { type, jobId } }: E): void {
    if (!this.#conflatesProgress || type !== 'progressed') return
    const older = this.#progressed.get(jobId)
    if (older !== undefined) this.#waiting.delete(older)
    this.#progressed.set(jobId, this.#next)
  }

  push(entry: E): void {
    this.#waiting.set(this.#next++, entry)
  }

  /** @returns the oldest that waits; null if none does */
  take(): E | null {
    while (this.#oldest < this.#next) {
      const number = this.#oldest++
      const entry = this.#waiting.get(number)
      // A newer one has come in its place.
      if (entry === undefined) continue
      this.#waiting.delete(number)
      if (this.#progressed.get(entry.event.jobId) === number) this.#progressed.delete(entry.event.jobId)
      return entry
    }
    return null
  }

  /** Takes all. */
  *drain(): Generator<E> {
    for (let entry = this.take(); entry !== null; entry = this.take()) yield entry
  }

  clear(): void {
    this.#waiting.clear()
    this.#progressed.clear()
  }
}
