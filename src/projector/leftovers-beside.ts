import type { Backend } from '../backend.ts'
import type { Leftover } from '../maintenance.ts'
import type { Place } from '../place.ts'

/** Leftovers that are handed over at once. */
const LEFTOVERS_A_CALL = 64

/** What a survey has seen of jobs. */
export interface Seen {
  /** Whether a job was looked at, and need not be looked at again. */
  isSeen: (jobId: string) => boolean
  /** Where a job should live, right or not: null if nowhere; undefined if that is not known any more. */
  placeOf: (jobId: string) => Place | null | undefined
}

/**
 * What is kept of one partition and belongs to no job, beside the drift that a survey has found: an entry that fits what
 * the log says of a job, though not its wrong live state, is none.
 */
export async function* leftoversBeside(backend: Backend, partition: number, seen: Seen): AsyncGenerator<Leftover[]> {
  let leftovers: Leftover[] = []
  for await (const leftover of backend.leftovers(partition, (kept) => isInPlace(kept, seen))) {
    if (isInPlace(leftover, seen)) continue
    leftovers.push(leftover)
    if (leftovers.length < LEFTOVERS_A_CALL) continue
    yield leftovers
    leftovers = []
  }
  if (leftovers.length > 0) yield leftovers
}

function isInPlace(kept: Leftover, { isSeen, placeOf }: Seen): boolean {
  switch (kept.kind) {
    case 'foreign':
      return false
    case 'job':
      return isSeen(kept.jobId) || placeOf(kept.jobId) !== undefined
    case 'userIndex':
      return placeOf(kept.jobId)?.userId === kept.userId
    case 'statusIndex': {
      const place = placeOf(kept.jobId)
      return place?.userId === kept.userId && place.status === kept.status
    }
    case 'expiryIndex':
      return (placeOf(kept.jobId) ?? null) !== null
  }
}
