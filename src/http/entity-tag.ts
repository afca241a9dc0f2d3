import type { JobRecord } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'

/**
 * The tag of a job as it is at its version. The event is part of it: should Redis lose acknowledged events, a version may
 * come again with another content. Weak, since fields may stand in another order when they are read again.
 */
export function entityTag<T extends JobCore>({ version, lastEventId }: JobRecord<T>): string {
  return `W/"${version}.${lastEventId}"`
}

/** Whether an If-None-Match names the tag. */
export function namesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((named) => named.trim() === '*' || opaque(named) === opaque(tag))
}

/** Of weak tags and strong ones what they compare by. */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}
