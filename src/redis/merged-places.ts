import type { ListQuery } from '../backend.ts'
import type { PageKey } from '../core/cursor.ts'
import { compareBytes } from '../core/order.ts'
import type { Argument } from './link.ts'
import type { Partition } from './partition.ts'

/** Places that one call looks at at most, so that none holds Redis for long. */
export const PAGE = 200

/** The places of a list that is spread over partitions, in the order of the whole list. */
export class MergedPlaces {
  readonly #parts: readonly PlacesAhead[]

  constructor(partitions: readonly Pick<Partition, 'places'>[], query: ListQuery) {
    this.#parts = partitions.map((partition) => new PlacesAhead(partition, query))
  }

  /** The first places behind those that are passed over; fewer only at the list's end. Once. */
  async take(passed: number, limit: number): Promise<PageKey[]> {
    const taken: PageKey[] = []
    let left = await this.#skip(passed)
    while (left !== null && taken.length < limit) {
      const wanted = Math.min(PAGE, left + limit - taken.length)
      await Promise.all(this.#parts.map((part) => part.readAhead(wanted)))
      const ready = this.#takeReady(left + limit - taken.length)
      if (ready.length === 0) break
      taken.push(...ready.slice(left))
      left = Math.max(0, left - ready.length)
    }
    return taken
  }

  /**
   * Passes over many places without looking at each. Of the places that are so many steps ahead in each partition, all up to
   * the first one are within as many times the partitions of the whole list: that partition can go on there.
   * @returns how many are to be passed over still; null if there are fewer
   */
  async #skip(passed: number): Promise<number | null> {
    const count = this.#parts.length
    let left = passed
    while (left > (count * PAGE) / 2) {
      const steps = Math.ceil(left / (2 * count))
      const ahead = await Promise.all(this.#parts.map((part) => part.placeAhead(steps)))
      for (; left >= steps * count; left -= steps) {
        const [first] = ahead.flatMap((place) => place ?? []).toSorted(inOrder)
        if (first === undefined) return null
        const index = ahead.indexOf(first)
        const part = this.#parts[index] as PlacesAhead
        part.goOnAfter(first)
        ahead[index] = await part.placeAhead(steps)
      }
    }
    return left
  }

  /** What is known to come next: nothing behind the last place that is known of a partition which has more. */
  #takeReady(limit: number): PageKey[] {
    const [end] = this.#parts.flatMap((part) => part.end ?? []).toSorted(inOrder)
    const known = this.#parts.flatMap((part) => part.ahead).toSorted(inOrder)
    const ready = known.filter((place) => end === undefined || inOrder(place, end) <= 0).slice(0, limit)
    const last = ready.at(-1)
    if (last !== undefined) for (const part of this.#parts) part.passThrough(last)
    return ready
  }
}

/** One partition's part of it, of which a few places are known ahead. */
class PlacesAhead {
  /** Known, and not passed yet. */
  ahead: PageKey[] = []
  readonly #partition: Pick<Partition, 'places'>
  #query: ListQuery
  #hasMore = true

  constructor(partition: Pick<Partition, 'places'>, query: ListQuery) {
    this.#partition = partition
    this.#query = { ...query, offset: 0 }
  }

  /** The last place that is known, if there may be others behind it. */
  get end(): PageKey | null {
    return this.#hasMore ? (this.ahead.at(-1) ?? null) : null
  }

  /** The place so many steps from here; null where there are fewer. */
  async placeAhead(steps: number): Promise<PageKey | null> {
    const [place] = await this.#partition.places(argumentsOf({ ...this.#query, offset: steps - 1, limit: 1 }))
    return place ?? null
  }

  goOnAfter(place: PageKey): void {
    this.#query = { ...this.#query, after: place }
  }

  /** Looks at so many places, unless half of these are known. */
  async readAhead(wanted: number): Promise<void> {
    if (!this.#hasMore || this.ahead.length * 2 > wanted) return
    const found = await this.#partition.places(argumentsOf({ ...this.#query, limit: wanted }))
    this.#hasMore = found.length === wanted
    this.ahead.push(...found)
    const last = found.at(-1)
    if (last !== undefined) this.goOnAfter(last)
  }

  passThrough(place: PageKey): void {
    const next = this.ahead.findIndex((one) => inOrder(one, place) > 0)
    this.ahead = next < 0 ? [] : this.ahead.slice(next)
  }
}

/** What list.lua takes before the form: user, status, limit, offset, after. */
export function argumentsOf({ userId, status, limit, offset, after }: ListQuery): Argument[] {
  return [userId, status ?? '', limit, offset, after?.createdAtMs ?? '', after?.id ?? '']
}

function inOrder(left: PageKey, right: PageKey): number {
  return right.createdAtMs - left.createdAtMs || compareBytes(right.id, left.id)
}
