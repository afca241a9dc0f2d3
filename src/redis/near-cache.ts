import { LRUCache } from 'lru-cache'
import type { HeldJob } from './held-job.ts'

/** A use of a job in so many is noted, so that what was not used for long goes first. */
const USES_NOTED = 8
/** Ids of jobs that were read once: so many, and as many before them. */
const MOST_READ_ONCE = 10_000

/**
 * The jobs that a store saw last. Never trusted by itself: a read sends the newest event that it holds of the job, and
 * Redis answers "same" or the state. So it saves the way over the wire and the decoding, and is never stale. (By event
 * and not by version: after lost writes a version may come again, an event does not.)
 */
export class NearCache {
  readonly #jobs = new LRUCache<string, HeldJob>({
    max: 20_000,
    maxSize: 64 * 1_048_576,
    maxEntrySize: 1_048_576,
    sizeCalculation: (held) => held.bytes + 200,
  })

  #readOnce = new Set<string>()
  #readOnceBefore = new Set<string>()

  get(id: string): HeldJob | undefined {
    const held = this.#jobs.peek(id)
    // What is used often stays all the same, and each time would cost a tenth of a write.
    if (held !== undefined && held.uses++ % USES_NOTED === 0) this.#jobs.get(id)
    return held
  }

  set(id: string, held: HeldJob): void {
    this.#jobs.set(id, held)
  }

  /**
   * Puts in a job that was just read, if it was read before, not long ago. What is read once is not held: of a walk over
   * many jobs the garbage collector would move each one, for nothing.
   * @returns whether it is held
   */
  offer(id: string, held: HeldJob): boolean {
    if (!this.#jobs.has(id) && !this.#isReadAgain(id)) return false
    this.#jobs.set(id, held)
    return true
  }

  /** Puts in a job, unless it is there: in place of what else is held of it. */
  keep(id: string, held: HeldJob): void {
    if (this.#jobs.peek(id) !== held) this.#jobs.set(id, held)
  }

  delete(id: string): void {
    this.#jobs.delete(id)
  }

  #isReadAgain(id: string): boolean {
    if (this.#readOnce.has(id) || this.#readOnceBefore.has(id)) return true
    if (this.#readOnce.size >= MOST_READ_ONCE) {
      this.#readOnceBefore = this.#readOnce
      this.#readOnce = new Set()
    }
    this.#readOnce.add(id)
    return false
  }
}
