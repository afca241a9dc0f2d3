import * as assert from 'node:assert/strict'

import { eventually } from '../support/eventually.ts'
import { collect, pictureOf } from './assertions.ts'
import { createEveryHistory } from './every-history.ts'
import { assertStateIsFold } from './fold.ts'
import type { Suite } from './harness.ts'
import { aJob, jobsOf } from './jobs.ts'
import { replayTests } from './replay.ts'
import { startTraffic } from './traffic.ts'

const RUNS_UNDER_LOAD = 3

export const rebuild: Suite = (test) => {
  replayTests(test, (store, options) => store.rebuild(options))

  test('of a sound store repairs nothing and changes nothing', async (store) => {
    await createEveryHistory(store)
    const before = await pictureOf(store)
    const { repaired, durationMs } = await store.rebuild()
    assert.strictEqual(repaired, 0)
    assert.ok(durationMs >= 0)
    assert.deepStrictEqual(await pictureOf(store), before)
  })

  test('of an empty store repairs nothing', async (store) => {
    const { durationMs: _, ...found } = await store.rebuild()
    assert.deepStrictEqual(found, { events: 0, jobs: 0, repaired: 0 })
  })

  test('leaves a due job to the sweeper', async (store) => {
    await Promise.all(jobsOf('user-1', 10, { expiresAt: new Date(5) }).map((job) => store.create(job)))
    await store.create(aJob({ id: 'stays' }))
    assert.strictEqual((await store.rebuild()).repaired, 0)
    assert.strictEqual((await collect(store.events())).length, 11)
    assert.strictEqual(await store.purgeExpired(), 10)
  })

  test('lets writers go on, and repairs nothing of what they write', async (store) => {
    await createEveryHistory(store)
    const before = (await store.stats()).events
    const stop = startTraffic(store)
    let repaired = 0
    for (let run = 0; run < RUNS_UNDER_LOAD; run++) repaired += (await store.rebuild()).repaired
    const { errors, answered } = await stop()
    assert.deepStrictEqual(errors, [])
    assert.strictEqual(repaired, 0)
    assert.ok((await store.stats()).events > before && answered > 0, 'vacuous: nothing was written meanwhile')
    // More than one try, since a job's time may come between two of the reads.
    await eventually(() => assertStateIsFold(store, Infinity))
  })
}
