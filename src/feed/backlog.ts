import type { StoredEvent } from '../stored-event.ts'

/** What waits, between what came just before it and just after it. */
interface Waiting<E> {
  entry: E
  before: Waiting<E> | null
  after: Waiting<E> | null
}

/**
 * What waits for a reader, in the order in which it came. How much that may be is for its owner to see to. Linked, since there may
 * be very many of these, each nearly always empty: arrays and maps make room for more, again and again.
 */
export class Backlog<E extends { event: Pick<StoredEvent, 'type' | 'jobId'> }> {
  #oldest: Waiting<E> | null = null
  #newest: Waiting<E> | null = null
  #size = 0
  /** Of each job the 'progressed' that waits; null where all of them are to. */
  readonly #progressed: Map<string, Waiting<E>> | null

  constructor(conflatesProgress: boolean) {
    this.#progressed = conflatesProgress ? new Map() : null
  }

  get size(): number {
    return this.#size
  }

  /** Lets an older 'progressed' go whose job has a newer one, which is pushed next: at its own place, so that versions ascend. */
  makeRoomFor(entry: E): void {
    const older = isProgress(entry) ? this.#progressed?.get(entry.event.jobId) : undefined
    if (older !== undefined) this.#remove(older)
  }

  push(entry: E): void {
    const waiting = { entry, before: this.#newest, after: null }
    if (this.#newest === null) this.#oldest = waiting
    else this.#newest.after = waiting
    this.#newest = waiting
    this.#size++
    if (isProgress(entry)) this.#progressed?.set(entry.event.jobId, waiting)
  }

  /** @returns the oldest that waits; null if none does */
  take(): E | null {
    const oldest = this.#oldest
    if (oldest === null) return null
    this.#remove(oldest)
    return oldest.entry
  }

  /** Takes all. */
  *drain(): Generator<E> {
    for (let entry = this.take(); entry !== null; entry = this.take()) yield entry
  }

  clear(): void {
    this.#oldest = this.#newest = null
    this.#size = 0
    this.#progressed?.clear()
  }

  #remove({ entry, before, after }: Waiting<E>): void {
    if (before === null) this.#oldest = after
    else before.after = after
    if (after === null) this.#newest = before
    else after.before = before
    this.#size--
    if (isProgress(entry)) this.#progressed?.delete(entry.event.jobId)
  }
}

function isProgress({ event }: { event: Pick<StoredEvent, 'type'> }): boolean {
  return event.type === 'progressed'
}
