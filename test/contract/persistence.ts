import * as assert from 'node:assert/strict'

import { eventually } from '../support/eventually.ts'
import { assertRejects, collect, pictureOf, storeNow, typesOf } from './assertions.ts'
import { createLives, ListArchive, nextMoment } from './compaction.ts'
import { assertStateIsFold } from './fold.ts'
import type { Suite } from './harness.ts'
import { aFullJob, aJob, createMany, jobsOf, removing, textOf } from './jobs.ts'
import { assertReads, readEverything } from './readings.ts'
import { startTraffic } from './traffic.ts'

/** For backends whose places outlive a store. Here, no test's jobs are in one store only. */
export const persistence: Suite = (test) => {
  test('what one store has written, the next one opens with', async (store, open) => {
    await store.create(aFullJob({ big: textOf(5000), bytes: Buffer.from([1]), at: new Date(5), n: 5n }))
    await store.update('job-1', { big: textOf(6000), ...removing('error') }, { meta: { actor: 'ada' } })
    await store.updateStatus('job-1', 'queued')
    await store.create(aJob({ id: 'deleted' }))
    await store.delete('deleted')
    await store.create(aJob({ id: 'expired', expiresAt: new Date(5) }))
    const before = await pictureOf(store)
    await store.close()
    assert.deepStrictEqual(await pictureOf(open.again()), before)
  })

  test('commands that were given just before close are there afterwards', async (store, open) => {
    const given = jobsOf('user-1', 400).map((job) => store.create(job))
    await Promise.all([store.close(), ...given])
    assert.strictEqual(await open.again().countByUserId('user-1'), 400)
  })

  test('versions go on, also those of a job that is gone', async (store, open) => {
    await store.create(aJob())
    await store.create(aJob({ id: 'gone' }))
    await store.delete('gone')
    await store.close()
    const next = open.again()
    await next.updateStatus('job-1', 'queued')
    await next.create(aJob({ id: 'gone' }))
    assert.strictEqual((await next.findRecord('job-1'))?.version, 2)
    assert.strictEqual((await next.findRecord('gone'))?.version, 3)
    await assertRejects(() => next.create(aJob()), 'JOB_ALREADY_EXISTS')
  })

  test('a cursor and a page stay good', async (store, open) => {
    await createMany(store, 20)
    const log = await collect(store.events())
    const { next: page } = await store.listByUserId('user-1', { limit: 5 })
    await store.close()
    const again = open.again()
    const after = log[7]?.cursor as string
    assert.deepStrictEqual(await collect(again.events({ after })), log.slice(8))
    const rest = await again.listByUserId('user-1', { after: page as string })
    assert.strictEqual(rest.jobs.length, 15)
  })

  test('a commandId is remembered', async (store, open) => {
    await store.create(aJob())
    const first = await store.update('job-1', { note: 1 }, { commandId: 'c-1' })
    await store.update('job-1', { note: 2 })
    await store.close()
    const next = open.again()
    assert.deepStrictEqual(await next.update('job-1', { note: 1 }, { commandId: 'c-1' }), first)
    await assertRejects(() => next.update('job-1', { note: 3 }, { commandId: 'c-1' }), 'COMMAND_REUSED')
    assert.strictEqual((await next.findRecord('job-1'))?.version, 3)
  })

  test('jobs whose time came while the store was closed are gone when it opens', async (store, open) => {
    const expiresAt = new Date((await storeNow(store)) + 60)
    await store.create(aJob({ expiresAt }))
    await store.close()
    const next = open.again()
    while ((await storeNow(next)) < expiresAt.getTime());
    assert.strictEqual(await next.findById('job-1'), null)
    assert.strictEqual(await next.countByUserId('user-1'), 0)
    assert.deepStrictEqual(await typesOf(next, 'job-1'), ['created', 'expired'])
  })

  test("two open stores see each other's writes", async (one, open) => {
    const two = open.again()
    await one.create(aJob())
    assert.strictEqual((await two.findById('job-1'))?.status, 'pending')
    for (const status of ['queued', 'processing', 'failed']) {
      await two.updateStatus('job-1', status)
      assert.strictEqual((await one.findById('job-1'))?.status, status)
      assert.strictEqual(await one.countByStatus(status), 1)
      await one.updateProgress('job-1', { percent: 7 })
      assert.strictEqual((await two.findRecord('job-1'))?.job.progress.percent, 7)
    }
    await one.delete('job-1')
    assert.strictEqual(await two.findById('job-1'), null)
    await two.create(aJob({ mark: 'second life' }))
    assert.strictEqual((await one.findById('job-1'))?.['mark'], 'second life')
    assert.deepStrictEqual(await pictureOf(one), await pictureOf(two))
  })

  test('a job that another store has replaced is not confused with the one before', async (one, open) => {
    const two = open.again()
    for (let life = 0; life < 5; life++) {
      const [creator, other] = life % 2 === 0 ? [one, two] : [two, one]
      await creator.create(aJob({ life, [`only in ${life}`]: textOf(500) }))
      assert.strictEqual((await other.findById('job-1'))?.['life'], life)
      const updated = await other.update('job-1', { touched: true })
      const { createdAt, expiresAt } = updated ?? aJob()
      const expected = aJob({ life, [`only in ${life}`]: textOf(500), touched: true, createdAt, expiresAt })
      assert.deepStrictEqual(updated, expected)
      assert.deepStrictEqual(await creator.findById('job-1'), expected)
      await other.delete('job-1')
    }
  })

  test('many writers in two stores make versions without a gap', async (one, open) => {
    const two = open.again()
    await one.create(aJob())
    await Promise.all(
      Array.from({ length: 128 }, (_, index) =>
        (index % 2 === 0 ? one : two).update('job-1', { [`by ${index}`]: index }),
      ),
    )
    assert.strictEqual((await two.findRecord('job-1'))?.version, 129)
    const events = await collect(one.history('job-1'))
    assert.deepStrictEqual(
      events.map((event) => event.version),
      Array.from({ length: 129 }, (_, index) => index + 1),
    )
  })

  test('of two stores that create one id, or expect one version, one wins', async (one, open) => {
    const two = open.again()
    for (let round = 0; round < 20; round++) {
      const id = `job-${round}`
      const created = await Promise.allSettled([one.create(aJob({ id })), two.create(aJob({ id }))])
      assert.strictEqual(created.filter((each) => each.status === 'fulfilled').length, 1)
      const expecting = { expectedVersion: 1 }
      const updated = await Promise.allSettled([
        one.update(id, { by: 1 }, expecting),
        two.update(id, { by: 2 }, expecting),
      ])
      assert.strictEqual(updated.filter((each) => each.status === 'fulfilled').length, 1)
      const deleted = await Promise.all([one.delete(id), two.delete(id)])
      assert.strictEqual(deleted.filter(Boolean).length, 1)
    }
  })

  test('one commandId given to two stores at once is applied once', async (one, open) => {
    const two = open.again()
    await one.create(aJob())
    for (let round = 0; round < 20; round++) {
      const options = { commandId: `c-${round}` }
      const outcomes = await Promise.all([one, two].map((store) => store.update('job-1', { round }, options)))
      assert.deepStrictEqual(outcomes[0], outcomes[1])
    }
    assert.strictEqual((await one.findRecord('job-1'))?.version, 21)
  })

  test('the sweepers of two stores leave one expired event a job', { sweepIntervalMs: 10 }, async (one, open) => {
    const two = open.again()
    await two.ready()
    const expiresAt = new Date((await storeNow(one)) + 50)
    await Promise.all(jobsOf('user-1', 50, { expiresAt }).map((job) => one.create(job)))
    await eventually(async () => {
      assert.strictEqual((await collect(two.events({ types: ['expired'] }))).length, 50)
    })
    await Promise.all([one.purgeExpired(), two.purgeExpired()])
    assert.strictEqual((await collect(one.events({ types: ['expired'] }))).length, 50)
  })

  test('verify and rebuild are not misled by what other stores write meanwhile', async (one, open) => {
    const stop = startTraffic(open.again(), open.again())
    await eventually(async () => assert.ok((await one.stats()).events > 0))
    const found: unknown[] = []
    const events: number[] = []
    for (let run = 0; run < 3; run++) {
      const { drift } = await one.verify()
      const rebuilt = await one.rebuild()
      found.push(...drift, ...(rebuilt.repaired > 0 ? [rebuilt] : []))
      events.push(rebuilt.events)
    }
    const { errors } = await stop()
    assert.deepStrictEqual([errors, found], [[], []])
    assert.ok((events[0] ?? 0) < (await one.stats()).events, 'vacuous: nothing was written meanwhile')
    // More than one try, since a job's time may come between two of the reads.
    await eventually(() => assertStateIsFold(one, Infinity))
  })

  test('a store that is opened with the archive reads log and archive as one', async (store, open) => {
    const archive = new ListArchive()
    const before = await createLives(store)
    const reading = await readEverything(store)
    await store.compact({ before, archive })
    await assertReads(open.again({ archive }), reading)
    await store.compact({ before: new Date(Date.now() + 1000), archive })
    await store.close()
    const next = open.again({ archive })
    await assertReads(next, reading)
    assert.deepStrictEqual((await next.verify()).drift, [])
    await assertRejects(() => open.again({}).findByIdAsOf('old', { version: 1 }), 'HISTORY_TRUNCATED')
  })

  test('while several stores compact and write, nothing is lost', async (one, open) => {
    const [two, three] = [open.again(), open.again()]
    const stop = startTraffic(two, three)
    for (let run = 0; run < 4; run++) {
      const before = await nextMoment(one)
      await Promise.all([one, two, three].map((store) => store.compact({ before })))
      assert.deepStrictEqual((await one.verify()).drift, [])
    }
    const { errors } = await stop()
    assert.deepStrictEqual(errors, [])
    assert.deepStrictEqual((await two.verify()).drift, [])
    assert.strictEqual((await three.rebuild()).repaired, 0)
  })

  test('closing one store leaves the other one open', async (one, open) => {
    const two = open.again()
    await Promise.all([one.ready(), two.ready()])
    await one.close()
    await two.create(aJob())
    assert.ok((await two.findById('job-1')) !== null)
    await assertRejects(() => one.findById('job-1'), 'STORE_CLOSED')
  })
}
