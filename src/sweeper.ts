import type { Backend } from './backend.ts'

/** Jobs that one call removes at most, so that no call holds the store for long. */
const SWEEP_LIMIT = 500

/** Removes what is due, in calls of bounded size. @returns how many, at most `limit` */
export async function sweep(backend: Backend, limit: number): Promise<number> {
  let total = 0
  while (total < limit) {
    const most = Math.min(SWEEP_LIMIT, limit - total)
    const removed = await backend.sweep(most)
    total += removed
    if (removed < most) break
  }
  return total
}

/**
 * Sweeps every intervalMs for as long as this store holds the lease, so that of many instances one does the work. When
 * that one goes, another has the lease after three intervals. A failed round is left to the next: nothing depends on it,
 * since no read returns an expired job.
 */
export class Sweeper {
  readonly #timer: NodeJS.Timeout
  #round: Promise<void> = Promise.resolve()
  #isBusy = false

  constructor(backend: Backend, intervalMs: number) {
    this.#timer = setInterval(() => {
      if (this.#isBusy) return
      this.#isBusy = true
      this.#round = runRound(backend, intervalMs * 3).finally(() => {
        this.#isBusy = false
      })
    }, intervalMs)
    this.#timer.unref()
  }

  /** Stops, and waits for a round that is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#round
  }
}

async function runRound(backend: Backend, leaseMs: number): Promise<void> {
  try {
    if (await backend.lease('sweep', leaseMs)) await sweep(backend, Number.POSITIVE_INFINITY)
  } catch {
    // The store is away; commands say so to their callers, and the next round tries again.
  }
}
