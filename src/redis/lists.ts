import { LRUCache } from 'lru-cache'
import type { ListQuery, StoredJob } from '../backend.ts'
import { partitionOf, compareBytes } from '../core/order.ts'
import type { Argument } from './link.ts'
import type { Partition } from './partition.ts'

/** Jobs that one call lists at most, so that no call holds Redis for long. */
const PAGE = 200

/** How often a page is read whose jobs have moved between two reads. */
const MOST_TRIES = 10

/** A user's jobs, from one partition as they come, from several merged. */
export class Lists {
  readonly #partitions: readonly Partition[]
  /** Who was in a list when it was last asked for: their states are probably held still. */
  readonly #lastSeen = new LRUCache<string, readonly string[]>({ max: 2000 })

  constructor(partitions: readonly Partition[]) {
    this.#partitions = partitions
  }

  /** Pages of a bounded size, one after the other. */
  async list(query: ListQuery): Promise<StoredJob[]> {
    const jobs: StoredJob[] = []
    let { offset, after } = query
    while (jobs.length < query.limit) {
      const limit = Math.min(PAGE, query.limit - jobs.length)
      const page = await this.#page({ ...query, limit, offset, after })
      jobs.push(...page.filter((stored) => belongs(stored, query)))
      const last = page.at(-1)?.job
      if (page.length < limit || last === undefined) break
      after = { createdAtMs: last.createdAt.getTime(), id: last.id }
      offset = 0
    }
    return jobs
  }

  async #page(query: ListQuery): Promise<StoredJob[]> {
    const [only, ...others] = this.#partitions
    if (only === undefined || others.length > 0) return this.#mergedPage(query)
    const key = JSON.stringify([query.userId, query.status, query.offset, query.after])
    const jobs = await only.list(argumentsOf(query), this.#lastSeen.get(key) ?? [])
    this.#lastSeen.set(
      key,
      jobs.map(({ job }) => job.id),
    )
    return jobs
  }

  /**
   * The places of all partitions are read and merged, then the jobs at these. One that moved in between is left out,
   * and those behind it move up. Where a list names what is none of its jobs, as it may after writes by hand, no number of
   * tries helps.
   */
  async #mergedPage(query: ListQuery, tries = MOST_TRIES): Promise<StoredJob[]> {
    const wanted = { ...query, offset: 0, limit: query.offset + query.limit }
    const places = (await Promise.all(this.#partitions.map((part) => part.places(argumentsOf(wanted))))).flat()
    places.sort((left, right) => right.createdAtMs - left.createdAtMs || compareBytes(right.id, left.id))
    const ids = places.slice(query.offset, wanted.limit).map(({ id }) => id)
    const jobs = await this.#readAll(ids)
    const stayed = jobs.filter((stored): stored is StoredJob => stored !== null && belongs(stored, query))
    return stayed.length === ids.length || tries === 1 ? stayed : this.#mergedPage(query, tries - 1)
  }

  async #readAll(ids: readonly string[]): Promise<(StoredJob | null)[]> {
    const found = new Map<string, StoredJob | null>()
    const reads = this.#partitions.map(async (part, index) => {
      const own = ids.filter((id) => partitionOf(id, this.#partitions.length) === index)
      if (own.length === 0) return
      for (const [at, stored] of (await part.read(own)).entries()) found.set(own[at] as string, stored)
    })
    await Promise.all(reads)
    return ids.map((id) => found.get(id) ?? null)
  }
}

/** What list.lua takes before the form: user, status, limit, offset, after. */
function argumentsOf({ userId, status, limit, offset, after }: ListQuery): Argument[] {
  return [userId, status ?? '', limit, offset, after?.createdAtMs ?? '', after?.id ?? '']
}

function belongs({ job }: StoredJob, query: ListQuery): boolean {
  return job.userId === query.userId && (query.status === null || job.status === query.status)
}
