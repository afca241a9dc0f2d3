import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import type { JobCore } from '../../src/core/job.ts'
import type { StoreOptions } from '../../src/options.ts'
import { eventually } from '../support/eventually.ts'
import { assertStateIsFold } from './fold.ts'

/** A job with own fields of any name. */
export interface AnyJob extends JobCore {
  [field: string]: unknown
}

/** How the contract gets at the stores of one backend: all that a backend has to bring. */
export interface StoreFactory {
  /** Whether a store sees what another one in the same place has written, be that one closed or open. */
  readonly persists: boolean
  /** How many jobs are many: 10,000, or fewer where that takes minutes. */
  readonly many?: number
  /** A place for stores that is empty and that no other test shares: a new folder, a random prefix. */
  newPlace(): Promise<Place>
}

/** Where one test's data is. */
export interface Place {
  /** Makes a store there. The harness closes it. */
  open(options: StoreOptions): JobStore<AnyJob>
  /** Called once every store of the place is closed. */
  dispose(): Promise<void>
}

/** What a test framework needs. */
export interface NamedTest {
  name: string
  run(): Promise<void>
}

/** One file's tests: it calls `test` once for each. */
export type Suite = (test: ContractTest) => void

/** Names a test and says what it does; `options` are the store's. */
export interface ContractTest {
  (name: string, body: TestBody): void
  (name: string, options: StoreOptions, body: TestBody): void
}

/** @param store an empty store with the test's options */
export type TestBody = (store: JobStore<AnyJob>, open: Open) => Promise<void>

/** More stores, by default with the test's options. */
export interface Open {
  /** How many jobs are many, here: at least 1,000, in thousands. */
  readonly many: number
  /** One in the same place; of use only where the factory's places persist. */
  again(options?: StoreOptions): JobStore<AnyJob>
  /** One in another place. */
  elsewhere(): Promise<JobStore<AnyJob>>
}

/** Collects a suite's tests, each of which opens its own store in a place of its own. */
export function testsOf(suite: Suite, factory: StoreFactory): NamedTest[] {
  const tests: NamedTest[] = []
  suite((name: string, ...rest: [TestBody] | [StoreOptions, TestBody]) => {
    const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest
    tests.push({ name, run: () => runTest(factory, options, body) })
  })
  return tests
}

async function runTest(factory: StoreFactory, options: StoreOptions, body: TestBody): Promise<void> {
  const place = await factory.newPlace()
  const stores: JobStore<AnyJob>[] = []
  const places = [place]
  const many = factory.many ?? 10_000
  const openIn = (where: Place, own: StoreOptions): JobStore<AnyJob> => {
    // Tests say when jobs are swept: a sweeper that woke up in between would be another player.
    const store = where.open({ sweepIntervalMs: 0, ...own })
    stores.push(store)
    return store
  }
  const elsewhere = async (): Promise<JobStore<AnyJob>> => {
    const other = await factory.newPlace()
    places.push(other)
    return openIn(other, options)
  }
  try {
    await body(openIn(place, options), { many, again: (own = options) => openIn(place, own), elsewhere })
    for (const store of stores) await assertSound(store)
  } catch (error) {
    throw readable(error)
  } finally {
    for (const store of stores) await store.close()
    for (const one of places) await one.dispose()
  }
}

/** After every test, whatever it was about: the store is what its log says. */
async function assertSound(store: JobStore<AnyJob>): Promise<void> {
  if (await isClosed(store)) return
  // More than one try, since a job's time may come between two of the reads.
  await eventually(() => assertStateIsFold(store), { timeoutMs: 10_000 })
  assert.deepStrictEqual((await store.verify()).drift, [])
}

function isClosed(store: JobStore<AnyJob>): Promise<boolean> {
  return store.ready().then(
    () => false,
    () => true,
  )
}

/** uvu compares what an AssertionError carries once more, and dies of bigints: the message says it all. */
function readable(error: unknown): unknown {
  if (!(error instanceof assert.AssertionError)) return error
  const plain = new Error(error.message)
  plain.stack = `Error: ${error.stack ?? error.message}`
  return plain
}
