import type { JobCore } from '../core/job.ts'
import { SortedIndex, type Place } from './sorted-index.ts'

/** What is kept beside the jobs so that nothing need be searched for: lists by user, the expiry queue, the counts. */
export class Indexes {
  readonly #byUser = new Map<string, SortedIndex>()
  readonly #byUserAndStatus = new Map<string, SortedIndex>()
  readonly #expiry = new SortedIndex()
  readonly counts: Map<string, number> = new Map()

  /** Takes a job from what it was to what it is; null where it is not. Most changes leave it where it was. */
  move(before: JobCore | null, after: JobCore | null): void {
    if (before !== null && after !== null && isSamePlace(before, after)) return
    if (before !== null) this.#enter(before, -1)
    if (after !== null) this.#enter(after, 1)
  }

  /** The job whose time comes first. */
  get firstToExpire(): Place | undefined {
    return this.#expiry.first
  }

  /** A user's jobs, or those of one status. */
  of(userId: string, status: string | null): SortedIndex {
    const index = status === null ? this.#byUser.get(userId) : this.#byUserAndStatus.get(keyOf(userId, status))
    return index ?? new SortedIndex()
  }

  #enter(job: JobCore, by: 1 | -1): void {
    const created = { ms: job.createdAt.getTime(), id: job.id }
    put(this.#byUser, job.userId, created, by)
    put(this.#byUserAndStatus, keyOf(job.userId, job.status), created, by)
    const expires = { ms: job.expiresAt.getTime(), id: job.id }
    if (by === 1) this.#expiry.add(expires)
    else this.#expiry.remove(expires)
    this.counts.set(job.status, (this.counts.get(job.status) ?? 0) + by)
  }
}

function isSamePlace(before: JobCore, after: JobCore): boolean {
  return (
    before.status === after.status &&
    before.userId === after.userId &&
    before.createdAt.getTime() === after.createdAt.getTime() &&
    before.expiresAt.getTime() === after.expiresAt.getTime()
  )
}

function put(indexes: Map<string, SortedIndex>, key: string, place: Place, by: 1 | -1): void {
  let index = indexes.get(key)
  if (index === undefined) indexes.set(key, (index = new SortedIndex()))
  if (by === 1) index.add(place)
  else index.remove(place)
  if (index.size === 0) indexes.delete(key)
}

function keyOf(userId: string, status: string): string {
  return `${status.length}:${status}:${userId}`
}
