import type { JobCore } from '../core/job.ts'
import { SortedIndex, type Place } from './sorted-index.ts'

/** One job's entry in one index, at a time in ms: createdAt, or expiresAt in the expiry queue. */
export type Entry = { jobId: string; ms: number } & (
  | { kind: 'userIndex'; userId: string }
  | { kind: 'statusIndex'; userId: string; status: string }
  | { kind: 'expiryIndex' }
)

/** What is kept beside the jobs so that nothing need be searched for: lists by user, the expiry queue, the counts. */
export class Indexes {
  readonly #byUser = new Map<string, SortedIndex>()
  readonly #byUserAndStatus = new Map<string, SortedIndex>()
  readonly #expiry = new SortedIndex()
  readonly counts: Map<string, number> = new Map()

  /** Takes a job from what it was to what it is; null where it is not. Most changes leave it where it was. */
  move(before: JobCore | null, after: JobCore | null): void {
    if (before !== null && after !== null && isSamePlace(before, after)) return
    this.moveEntries(before, after)
    if (before !== null) this.count(before.status, -1)
    if (after !== null) this.count(after.status, 1)
  }

  /** The same without the counts, and whatever entries are there already. */
  moveEntries(before: JobCore | null, after: JobCore | null): void {
    if (before !== null) for (const entry of entriesOf(before)) this.remove(entry)
    if (after !== null) for (const entry of entriesOf(after)) this.#add(entry)
  }

  count(status: string, by: number): void {
    this.counts.set(status, (this.counts.get(status) ?? 0) + by)
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

  has(entry: Entry): boolean {
    return this.#indexOf(entry).has(placeOf(entry))
  }

  remove(entry: Entry): void {
    const index = this.#indexOf(entry)
    index.remove(placeOf(entry))
    if (index.size > 0) return
    if (entry.kind === 'userIndex') this.#byUser.delete(entry.userId)
    else if (entry.kind === 'statusIndex') this.#byUserAndStatus.delete(keyOf(entry.userId, entry.status))
  }

  /** All entries of all indexes, while others come and go. */
  *entries(): Generator<Entry> {
    for (const [userId, index] of this.#byUser)
      for (const { id: jobId, ms } of index.ascending()) yield { kind: 'userIndex', jobId, ms, userId }
    for (const [key, index] of this.#byUserAndStatus)
      for (const { id: jobId, ms } of index.ascending()) yield { kind: 'statusIndex', jobId, ms, ...parseKey(key) }
    for (const { id: jobId, ms } of this.#expiry.ascending()) yield { kind: 'expiryIndex', jobId, ms }
  }

  #add(entry: Entry): void {
    const index = this.#indexOf(entry)
    index.add(placeOf(entry))
    if (entry.kind === 'userIndex') this.#byUser.set(entry.userId, index)
    else if (entry.kind === 'statusIndex') this.#byUserAndStatus.set(keyOf(entry.userId, entry.status), index)
  }

  #indexOf(entry: Entry): SortedIndex {
    switch (entry.kind) {
      case 'userIndex':
        return this.of(entry.userId, null)
      case 'statusIndex':
        return this.of(entry.userId, entry.status)
      case 'expiryIndex':
        return this.#expiry
    }
  }
}

/** The entries that a live job must have, and no others. */
export function entriesOf(job: JobCore): Entry[] {
  const { id: jobId, userId, status } = job
  const ms = job.createdAt.getTime()
  return [
    { kind: 'userIndex', jobId, ms, userId },
    { kind: 'statusIndex', jobId, ms, userId, status },
    { kind: 'expiryIndex', jobId, ms: job.expiresAt.getTime() },
  ]
}

function placeOf({ jobId, ms }: Entry): Place {
  return { ms, id: jobId }
}

function isSamePlace(before: JobCore, after: JobCore): boolean {
  return (
    before.status === after.status &&
    before.userId === after.userId &&
    before.createdAt.getTime() === after.createdAt.getTime() &&
    before.expiresAt.getTime() === after.expiresAt.getTime()
  )
}

/** The length keeps two texts of a user's apart. */
function keyOf(userId: string, status: string): string {
  return `${status.length}:${status}:${userId}`
}

function parseKey(key: string): { userId: string; status: string } {
  const length = key.slice(0, key.indexOf(':'))
  const start = length.length + 1
  const end = start + Number(length)
  return { status: key.slice(start, end), userId: key.slice(end + 1) }
}
