import type { Cursor } from '../core/event.ts'
import type { Ending } from './ending.ts'

/** What comes, one after the other. Unlike a generator it can be left while it waits: return() ends it at once. */
export class LiveIterator<E> implements AsyncIterableIterator<E> {
  readonly #coming: AsyncGenerator<E>
  readonly #ending: Ending
  readonly #place: () => Promise<Cursor | null>

  /** @param place as placeOf() gives it */
  constructor(coming: AsyncGenerator<E>, ending: Ending, place: () => Promise<Cursor | null>) {
    this.#coming = coming
    this.#ending = ending
    this.#place = place
  }

  place(): Promise<Cursor | null> {
    return this.#place()
  }

  next(): Promise<IteratorResult<E>> {
    return this.#coming.next()
  }

  return(): Promise<IteratorResult<E>> {
    this.#ending.end()
    return this.#coming.return(undefined)
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/**
 * Where a subscription begins, once that is fixed: whatever is written after that comes, to who goes on from there too.
 * @returns null if no cursor says it: at the log's beginning, of a watch, or of what is not this package's
 * @throws what the first next() would
 */
export async function placeOf(events: AsyncIterable<unknown>): Promise<Cursor | null> {
  return events instanceof LiveIterator ? events.place() : null
}
