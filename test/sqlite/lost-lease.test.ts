import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { LEASE_MS } from '../../src/upkeep/lease.ts'
import { assertRejects } from '../contract/assertions.ts'
import { aJob } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { withStall } from '../support/with-stall.ts'
import { newBackend, storeOver, withConnection, withPath } from './support/stores.ts'

const test = suite('A rebuild that loses its turn')

test(
  'ends before it puts right the counts that another store has put right',
  withPath(async (path) => {
    const slow = newBackend(path)
    const [one, other] = [storeOver(slow), storeOver(newBackend(path, { now: () => Date.now() + 10_000 }))]
    await one.create(aJob())
    await other.ready()
    withConnection(path, (connection) => void connection.exec('UPDATE status_counts SET jobs = jobs + 5'))
    // It stands still once it has seen the counts, before it puts them right.
    const leftovers = slow.leftovers.bind(slow)
    let goOn = (): void => {}
    const begun = new Promise<void>((begin) => {
      slow.leftovers = async function* () {
        slow.leftovers = leftovers
        await new Promise<void>((resolve) => {
          goOn = resolve
          begin()
        })
        yield* leftovers()
      }
    })
    const rebuilding = assertRejects(() => one.rebuild(), 'STORE_UNAVAILABLE', { outcome: 'unknown' })
    await begun
    await withStall(10_000, async () => {
      assert.equal((await other.rebuild()).repaired, 1)
      // Its next renewal comes within this time.
      await new Promise((resolve) => setTimeout(resolve, 1000))
    })
    goOn()
    await rebuilding
    assert.deepEqual((await other.verify()).drift, [])
    assert.equal(await one.countByStatus('pending'), 1)
    await one.rebuild()
    assert.deepEqual((await other.verify()).drift, [])
    await Promise.all([one.close(), other.close()])
  }),
)

test(
  'is not brought to it by its own store, whose turn to compact comes meanwhile',
  withPath(async (path) => {
    const backend = newBackend(path)
    const terms: number[] = []
    const lease = backend.lease.bind(backend)
    backend.lease = (task, forMs) => {
      if (task === 'compact' && forMs > 0) terms.push(forMs)
      return lease(task, forMs)
    }
    const store = storeOver(backend, { retention: { keepMs: 1 } })
    await store.create(aJob())
    await eventually(() => assert.ok(terms.length > 2))
    assert.ok(Math.min(...terms) >= LEASE_MS, terms.join())
    await store.close()
  }),
)

test.run()
