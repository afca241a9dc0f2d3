import { LRUCache } from 'lru-cache'
import type { ListQuery, StoredJob } from '../backend.ts'
import type { PageKey } from '../core/cursor.ts'
import { partitionOf } from '../core/order.ts'
import { argumentsOf, MergedPlaces, PAGE } from './merged-places.ts'
import type { Partition } from './partition.ts'

/** A part of a list. */
interface Page {
  jobs: StoredJob[]
  /** The last place that was looked at, whatever was there; null where the places have run out. */
  next: PageKey | null
}

/** What a list asks of a partition. */
export type ListedPartition = Pick<Partition, 'list' | 'places' | 'read'>

/** A user's jobs, from one partition as they come, from several merged. */
export class Lists {
  readonly #partitions: readonly ListedPartition[]
  /** Who was in a list when it was last asked for: their states are probably held still. */
  readonly #lastSeen = new LRUCache<string, readonly string[]>({ max: 2000 })

  constructor(partitions: readonly ListedPartition[]) {
    this.#partitions = partitions
  }

  /** Pages of a bounded size, one after the other, until there are enough jobs or there is no further place. */
  async list(query: ListQuery): Promise<StoredJob[]> {
    const jobs: StoredJob[] = []
    let { offset, after } = query
    let moved = 0
    while (jobs.length < query.limit) {
      // Where most move, few are left in each part: then as many places are looked at as have been in vain so far.
      const limit = Math.min(PAGE, Math.max(query.limit - jobs.length, moved))
      const page = await this.#page({ ...query, limit, offset, after })
      jobs.push(...page.jobs)
      if (page.next === null) break
      moved += limit - page.jobs.length
      after = page.next
      offset = 0
    }
    return jobs.slice(0, query.limit)
  }

  #page(query: ListQuery): Promise<Page> {
    const [only, ...others] = this.#partitions
    return only === undefined || others.length > 0 ? this.#mergedPage(query) : this.#pageOf(only, query)
  }

  async #pageOf(only: ListedPartition, query: ListQuery): Promise<Page> {
    const key = JSON.stringify([query.userId, query.status, query.offset, query.after])
    const jobs = await only.list(argumentsOf(query), this.#lastSeen.get(key) ?? [])
    this.#lastSeen.set(
      key,
      jobs.map(({ job }) => job.id),
    )
    const last = jobs.length < query.limit ? undefined : jobs.at(-1)
    const place = last === undefined ? null : placeOf(last)
    const isKnown = last === undefined || (belongs(last, query) && !Number.isNaN(place?.createdAtMs))
    const next = isKnown ? place : await lastPlaceOf(only, query)
    return { jobs: jobs.filter((stored) => belongs(stored, query)), next }
  }

  /** The places are merged, then the jobs at these read. One that moved in between is left out, and those behind it move up. */
  async #mergedPage(query: ListQuery): Promise<Page> {
    const looked = await new MergedPlaces(this.#partitions, query).take(query.offset, query.limit)
    const found = await this.#readAll(looked.map(({ id }) => id))
    const jobs = looked.flatMap((place) => {
      const stored = found.get(place.id)
      return stored != null && belongs(stored, query) && stands(stored, place) ? [stored] : []
    })
    return { jobs, next: looked.length < query.limit ? null : (looked.at(-1) ?? null) }
  }

  async #readAll(ids: readonly string[]): Promise<Map<string, StoredJob | null>> {
    const found = new Map<string, StoredJob | null>()
    const reads = this.#partitions.map(async (part, index) => {
      const own = ids.filter((id) => partitionOf(id, this.#partitions.length) === index)
      if (own.length === 0) return
      for (const [at, stored] of (await part.read(own)).entries()) {
        if (stored instanceof Error) throw stored
        found.set(own[at] as string, stored)
      }
    })
    await Promise.all(reads)
    return found
  }
}

function belongs({ job }: StoredJob, query: ListQuery): boolean {
  return job.userId === query.userId && (query.status === null || job.status === query.status)
}

/** Whether a job is where it was seen: one of the same id may have been created since, with another time. */
function stands({ job }: StoredJob, { createdAtMs }: PageKey): boolean {
  return Number(job.createdAt) === createdAtMs
}

/** Where a page ends on an entry that no such job stands behind, which the list alone knows the place of. */
async function lastPlaceOf(only: ListedPartition, query: ListQuery): Promise<PageKey | null> {
  const [place] = await only.places(argumentsOf({ ...query, offset: query.offset + query.limit - 1, limit: 1 }))
  return place ?? null
}

/** Its time is NaN where a spoiled hash has none. */
function placeOf({ job }: StoredJob): PageKey {
  return { createdAtMs: Number(job.createdAt), id: job.id }
}
