import * as assert from 'node:assert/strict'

import { eventually } from '../support/eventually.ts'

/** A loop over what comes, going on beside the test. Leave it, or end what it loops over, in every test. */
export class Reading<E> {
  /** What has come. */
  readonly all: E[] = []
  /** What it ended with: an error, or 'done'; null while it goes on. */
  outcome: unknown = null
  readonly #iterator: AsyncIterator<E>

  constructor(iterable: AsyncIterable<E>) {
    this.#iterator = iterable[Symbol.asyncIterator]()
    this.#read().then(
      () => {
        this.outcome = 'done'
      },
      (error: unknown) => {
        this.outcome = error
      },
    )
  }

  /** Waits until so many have come. @returns them all */
  async has(count: number): Promise<E[]> {
    await eventually(() => {
      if (this.outcome !== null && this.all.length < count) throw this.outcome
      assert.ok(this.all.length >= count, `${this.all.length} of ${count} have come`)
    })
    return this.all
  }

  /** Waits until it has ended by itself. @throws what it ended with, unless that is the end */
  async ended(): Promise<E[]> {
    await eventually(() => assert.notStrictEqual(this.outcome, null, 'it goes on'))
    if (this.outcome !== 'done') throw this.outcome
    return this.all
  }

  /** Leaves the loop. */
  async leave(): Promise<void> {
    await this.#iterator.return?.()
  }

  async #read(): Promise<void> {
    for (let next = await this.#iterator.next(); next.done !== true; next = await this.#iterator.next())
      this.all.push(next.value)
  }
}
