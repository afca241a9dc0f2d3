import * as assert from 'node:assert/strict'

import { collect, pictureOf } from './assertions.ts'
import { createEveryHistory } from './every-history.ts'
import type { Suite } from './harness.ts'
import { aJob, jobsOf } from './jobs.ts'
import { replayTests } from './replay.ts'
import { startTraffic } from './traffic.ts'

const RUNS_UNDER_LOAD = 5

export const verify: Suite = (test) => {
  replayTests(test, (store, options) => store.verify(options))

  test('finds nothing wrong with any kind of history', async (store) => {
    await createEveryHistory(store)
    const { events, jobs, ...found } = await store.verify()
    assert.deepStrictEqual(found, { ok: true, drift: [], driftCount: 0 })
    assert.ok(events > jobs)
  })

  test('finds nothing wrong with an empty store', async (store) => {
    assert.deepStrictEqual(await store.verify(), { ok: true, events: 0, jobs: 0, drift: [], driftCount: 0 })
  })

  test('changes nothing', async (store) => {
    await createEveryHistory(store)
    const before = await pictureOf(store)
    await store.verify()
    assert.deepStrictEqual(await pictureOf(store), before)
  })

  test('takes a due job that was not swept for what it is, and does not sweep it', async (store) => {
    await Promise.all(jobsOf('user-1', 10, { expiresAt: new Date(5) }).map((job) => store.create(job)))
    await store.create(aJob({ id: 'stays' }))
    assert.deepStrictEqual((await store.verify()).drift, [])
    assert.strictEqual((await collect(store.events())).length, 11)
    await store.purgeExpired()
    assert.deepStrictEqual((await store.verify()).drift, [])
  })

  test('folds a history that is longer than any page', async (store) => {
    await store.create(aJob({ count: 0 }))
    await Promise.all(Array.from({ length: 2500 }, (_, count) => store.update('job-1', { [`n${count % 9}`]: count })))
    const { ok, events, jobs } = await store.verify()
    assert.deepStrictEqual({ ok, events, jobs }, { ok: true, events: 2501, jobs: 1 })
  })

  test('is not misled by what is written meanwhile', async (store) => {
    await createEveryHistory(store)
    const stop = startTraffic(store)
    const found: unknown[] = []
    const events: number[] = []
    for (let run = 0; run < RUNS_UNDER_LOAD; run++) {
      const report = await store.verify()
      found.push(...report.drift)
      events.push(report.events)
    }
    const { errors } = await stop()
    assert.deepStrictEqual(errors, [])
    assert.deepStrictEqual(found, [])
    assert.ok((events[0] ?? 0) < (events.at(-1) ?? 0), 'vacuous: nothing was written meanwhile')
    assert.deepStrictEqual((await store.verify()).drift, [])
  })
}
