import type { StoredEvent } from '../stored-event.ts'

/** How much may wait for a reader, and whether a newer 'progressed' of a job takes the room of an older one. */
export interface BacklogOptions {
  conflateProgress: boolean
  bufferSize: number
}

/** What waits for a reader, by the order in which it came: a newer 'progressed' comes at its own place, and the older not at all. */
export class Backlog<E extends { event: Pick<StoredEvent, 'type' | 'jobId'> }> {
  readonly #options: BacklogOptions
  readonly #waiting = new Map<number, E>()
  /** Of each job the 'progressed' that waits. */
  readonly #progressed = new Map<string, number>()
  #oldest = 0
  #next = 0

  constructor(options: BacklogOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** @returns whether there was room */
  push(entry: E): boolean {
    const { type, jobId } = entry.event
    const isConflated = this.#options.conflateProgress && type === 'progressed'
    const older = isConflated ? this.#progressed.get(jobId) : undefined
    if (older === undefined && this.#waiting.size >= this.#options.bufferSize) return false
    if (older !== undefined) this.#waiting.delete(older)
    if (isConflated) this.#progressed.set(jobId, this.#next)
    this.#waiting.set(this.#next++, entry)
    return true
  }

  /** @returns the oldest that waits; null if none does */
  take(): E | null {
    while (this.#oldest < this.#next) {
      const number = this.#oldest++
      const entry = this.#waiting.get(number)
      // Another one has taken its room.
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
