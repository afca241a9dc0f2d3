import { LRUCache } from 'lru-cache'
import type { HeldJob } from './held-job.ts'

/** A use of a job in so many is noted, so that what was not used for long goes first. */
const USES_NOTED = 8

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

  get(id: string): HeldJob | undefined {
    const held = this.#jobs.peek(id)
    // What is used often stays all the same, and each time would cost a tenth of a write.
    if (held !== undefined && held.uses++ % USES_NOTED === 0) this.#jobs.get(id)
    return held
  }

  set(id: string, held: HeldJob): void {
    this.#jobs.set(id, held)
  }

  /** Puts in a job, unless it is there: in place of what else is held of it. */
  keep(id: string, held: HeldJob): void {
    if (this.#jobs.peek(id) !== held) this.#jobs.set(id, held)
  }

  delete(id: string): void {
    this.#jobs.delete(id)
  }
}
