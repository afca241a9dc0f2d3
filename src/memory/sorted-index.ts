import { compareBytes } from '../core/order.ts'

/** A job's place in an index: a time in ms, and the id between equal ones. */
export interface Place {
  ms: number
  id: string
}

/** Job ids in the order of a time, then of the bytes of the id: what a sorted set is in Redis. */
export class SortedIndex {
  readonly #places: Place[] = []

  get size(): number {
    return this.#places.length
  }

  /** The earliest, or undefined. */
  get first(): Place | undefined {
    return this.#places[0]
  }

  has(place: Place): boolean {
    return isSame(this.#places[this.#rankOf(place)], place)
  }

  /** Does nothing if it is there already. */
  add(place: Place): void {
    const rank = this.#rankOf(place)
    if (!isSame(this.#places[rank], place)) this.#places.splice(rank, 0, place)
  }

  remove(place: Place): void {
    const rank = this.#rankOf(place)
    if (isSame(this.#places[rank], place)) this.#places.splice(rank, 1)
  }

  /** From the earliest to the latest, while others come and go. */
  *ascending(): Generator<Place> {
    let place = this.first
    while (place !== undefined) {
      yield place
      const rank = this.#rankOf(place)
      place = this.#places[isSame(this.#places[rank], place) ? rank + 1 : rank]
    }
  }

  /** Ids from the latest to the earliest, beginning `offset` after the latest of those that come before `end`. */
  descending(end: Place | null, offset: number, limit: number): string[] {
    const stop = (end === null ? this.#places.length : this.#rankOf(end)) - offset
    if (stop <= 0) return []
    return this.#places
      .slice(Math.max(0, stop - limit), stop)
      .reverse()
      .map((place) => place.id)
  }

  /** How many places come before this one. */
  #rankOf(place: Place): number {
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (comparePlaces(this.#places[middle] as Place, place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function isSame(left: Place | undefined, right: Place): boolean {
  return left?.id === right.id && left.ms === right.ms
}

function comparePlaces(left: Place, right: Place): number {
  return left.ms - right.ms || compareBytes(left.id, right.id)
}
