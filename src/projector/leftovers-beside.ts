import type { Backend } from '../backend.ts'
import type { Leftover, Place } from '../maintenance.ts'

/** Leftovers that are handed over at once. */
const LEFTOVERS_A_CALL = 64

/**
 * What is kept of one partition and belongs to no job, beside the drift that audits have found: an entry that fits what the
 * log says of a job, though not its wrong live state, is none.
 * @param audited jobs that were audited, and need not be looked at again
 * @param placed the jobs that were found wrong, each with where it should live
 */
export async function* leftoversBeside(
  backend: Backend,
  partition: number,
  audited: ReadonlyMap<string, unknown>,
  placed: ReadonlyMap<string, Place | null>,
): AsyncGenerator<Leftover[]> {
  let leftovers: Leftover[] = []
  for await (const leftover of backend.leftovers(partition, (jobId) => audited.has(jobId))) {
    if (isRightPlace(leftover, placed)) continue
    leftovers.push(leftover)
    if (leftovers.length < LEFTOVERS_A_CALL) continue
    yield leftovers
    leftovers = []
  }
  if (leftovers.length > 0) yield leftovers
}

function isRightPlace(leftover: Leftover, placed: ReadonlyMap<string, Place | null>): boolean {
  switch (leftover.kind) {
    case 'foreign':
      return false
    case 'job':
      // Its drift has been found by its audit.
      return placed.has(leftover.jobId)
    case 'userIndex':
      return placed.get(leftover.jobId)?.userId === leftover.userId
    case 'statusIndex': {
      const place = placed.get(leftover.jobId)
      return place?.userId === leftover.userId && place.status === leftover.status
    }
    case 'expiryIndex':
      return (placed.get(leftover.jobId) ?? null) !== null
  }
}
