import type { Ending } from './ending.ts'

/** What comes, one after the other. Unlike a generator it can be left while it waits: return() ends it at once. */
export class LiveIterator<E> implements AsyncIterableIterator<E> {
  readonly #coming: AsyncGenerator<E>
  readonly #ending: Ending

  constructor(coming: AsyncGenerator<E>, ending: Ending) {
    this.#coming = coming
    this.#ending = ending
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
