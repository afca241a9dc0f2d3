import { compareBytes } from '../core/order.ts'

/** Places of one chunk at most: of a list in one piece, all that come later would be moved for each one that comes or goes. */
const CHUNK_PLACES = 512

/** A job's place in an index: a time in ms, and the id between equal ones. */
export interface Place {
  ms: number
  id: string
}

/** Job ids in the order of a time, then of the bytes of the id: what a sorted set is in Redis. */
export class SortedIndex {
  /** The places in their order, in pieces. None is empty but the only one. */
  readonly #chunks: Place[][] = [[]]
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The earliest, or undefined. */
  get first(): Place | undefined {
    return this.#chunks[0]?.[0]
  }

  has(place: Place): boolean {
    const [chunk, rank] = this.#find(place)
    return isSame(chunk[rank], place)
  }

  /** Does nothing if it is there already. */
  add(place: Place): void {
    const [chunk, rank, index] = this.#find(place)
    if (isSame(chunk[rank], place)) return
    chunk.splice(rank, 0, place)
    this.#size++
    if (chunk.length > CHUNK_PLACES) this.#chunks.splice(index + 1, 0, chunk.splice(CHUNK_PLACES / 2))
  }

  remove(place: Place): void {
    const [chunk, rank, index] = this.#find(place)
    if (!isSame(chunk[rank], place)) return
    chunk.splice(rank, 1)
    this.#size--
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(index, 1)
  }

  /** From the earliest to the latest, while others come and go. */
  *ascending(): Generator<Place> {
    let place = this.first
    while (place !== undefined) {
      yield place
      const [chunk, rank, index] = this.#find(place)
      const next = isSame(chunk[rank], place) ? rank + 1 : rank
      place = chunk[next] ?? this.#chunks[index + 1]?.[0]
    }
  }

  /** Ids from the latest to the earliest, beginning `offset` after the latest of those that come before `end`. */
  descending(end: Place | null, offset: number, limit: number): string[] {
    const ids: string[] = []
    let [chunk, rank, index] = end === null ? this.#end : this.#find(end)
    let left = offset
    while (ids.length < limit) {
      const stop = rank - Math.min(rank, left)
      left -= rank - stop
      const start = Math.max(0, stop - (limit - ids.length))
      for (let at = stop - 1; at >= start; at--) ids.push((chunk[at] as Place).id)
      if (index === 0) break
      chunk = this.#chunks[--index] as Place[]
      rank = chunk.length
    }
    return ids
  }

  /** Where the first place stands, or would stand, that does not come before this one. */
  #find(place: Place): Spot {
    const chunks = this.#chunks
    const index = firstOf(chunks.length - 1, (at) => comparePlaces(chunks[at]?.at(-1) as Place, place) >= 0)
    const chunk = chunks[index] as Place[]
    return [chunk, firstOf(chunk.length, (at) => comparePlaces(chunk[at] as Place, place) >= 0), index]
  }

  get #end(): Spot {
    const chunk = this.#chunks.at(-1) as Place[]
    return [chunk, chunk.length, this.#chunks.length - 1]
  }
}

/** A chunk, a place's rank in it, and which of the chunks it is. */
type Spot = [chunk: Place[], rank: number, index: number]

/** The first number from 0 on that is so, as all after it are; `end` if none before it is. */
function firstOf(end: number, isSo: (at: number) => boolean): number {
  let low = 0
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isSo(middle)) high = middle
    else low = middle + 1
  }
  return low
}

function isSame(left: Place | undefined, right: Place): boolean {
  return left?.id === right.id && left.ms === right.ms
}

function comparePlaces(left: Place, right: Place): number {
  return left.ms - right.ms || compareBytes(left.id, right.id)
}
