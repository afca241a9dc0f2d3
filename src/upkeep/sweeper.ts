import type { Backend } from '../backend.ts'

/** Jobs that one call removes at most, so that no call holds the store for long. lua/lib/sweep.lua says the same. */
export const SWEEP_LIMIT = 100

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
 * Sweeps, if this store is the one of many that does it: it keeps a lease for as long as it comes back in time; when it
 * goes, another one has the lease after `leaseMs`. A round that fails is left to the next: nothing depends on it, since no
 * read returns an expired job.
 */
export async function sweepInTurn(backend: Backend, leaseMs: number): Promise<void> {
  if (await backend.lease('sweep', leaseMs)) await sweep(backend, Number.POSITIVE_INFINITY)
}
