import type { JobStore } from '../../../src/contract.ts'
import type { StoreOptions } from '../../../src/options.ts'
import type { AnyJob, Place, StoreFactory } from '../../contract/harness.ts'
import { memoryPlaces } from '../../support/memory-places.ts'
import { redisPlaces } from '../../support/redis-places.ts'
import { sqlitePlaces } from '../../support/sqlite-places.ts'

/** Every kind of store that a log may be moved out of, or into. */
export const HOUSES: Record<string, StoreFactory> = {
  memory: memoryPlaces,
  SQLite: sqlitePlaces({ synchronous: 'normal' }),
  Redis: redisPlaces({}),
  'Redis in 7 partitions': redisPlaces({ partitions: 7 }),
}

/** Each of them with each of them, itself included. */
export const MOVES: readonly [name: string, from: StoreFactory, to: StoreFactory][] = Object.entries(HOUSES).flatMap(
  ([fromName, from]) =>
    Object.entries(HOUSES).map(([toName, to]): [string, StoreFactory, StoreFactory] => [
      `from ${fromName} to ${toName}`,
      from,
      to,
    ]),
)

/** A place, and the stores that a test opened there. */
export class House implements AsyncDisposable {
  readonly #factory: StoreFactory
  readonly #stores: JobStore<AnyJob>[] = []
  #place: Place | null = null

  constructor(factory: StoreFactory) {
    this.#factory = factory
  }

  /** A store in this house; where places are gone with their store, the one that there is. */
  async open(options: StoreOptions = {}): Promise<JobStore<AnyJob>> {
    const [first] = this.#stores
    if (first !== undefined && !this.#factory.persists) return first
    this.#place ??= await this.#factory.newPlace()
    const store = this.#place.open({ sweepIntervalMs: 0, ...options })
    this.#stores.push(store)
    return store
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores) await store.close()
    await this.#place?.dispose()
  }
}
