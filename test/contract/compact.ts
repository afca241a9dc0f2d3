import * as assert from 'node:assert/strict'

import type { CompactOptions } from '../../src/contract.ts'
import { encodeValue } from '../../src/codec.ts'
import { partitionOf } from '../../src/core/order.ts'
import { encodeMark } from '../../src/reading/snapshots.ts'
import { EventSourcedStore } from '../../src/store.ts'
import { eventually } from '../support/eventually.ts'
import { assertRejects, assertTypeError, collect, pictureOf, typesOf } from './assertions.ts'
import { ALL_LIVES, assertSound, countBefore, createLives, jobsIn, LIVES, nextMoment } from './compaction.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, createMany, HOUR_MS, jobsOf, removing, textOf } from './jobs.ts'
import { startTraffic } from './traffic.ts'

export const compact: Suite = (test) => {
  test('drops what is from before, and gives a snapshot to just those jobs that stand on it', async (store) => {
    const before = await createLives(store)
    const all = await collect(store.events())
    const dropped = await countBefore(store, before)
    assert.ok(dropped > 20 && dropped < all.length)
    const report = await store.compact({ before })
    assert.deepStrictEqual(report, { dropped, snapshotted: LIVES.standing.length, archived: 0 })
    assert.strictEqual((await store.stats()).events, all.length - dropped + LIVES.standing.length)
    const left = await collect(store.events())
    const snapshotted = left.filter(({ type }) => type === 'snapshotted').map(({ jobId }) => jobId)
    assert.deepStrictEqual(snapshotted.toSorted(), LIVES.standing.toSorted())
    const others = left.filter(({ type }) => type !== 'snapshotted').map(({ id }) => id)
    const expected = all.filter(({ at }) => at >= before).map(({ id }) => id)
    assert.deepStrictEqual(others.toSorted(), expected.toSorted())
  })

  test('leaves jobs, lists, counts and versions as they are', async (store) => {
    const before = await createLives(store)
    const jobs = await jobsIn(store, ALL_LIVES)
    await assertSound(store)
    await store.compact({ before })
    assert.deepStrictEqual(await jobsIn(store, ALL_LIVES), jobs)
    await assertSound(store)
    await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    assert.deepStrictEqual(await jobsIn(store, ALL_LIVES), jobs)
    await assertSound(store)
  })

  test('leaves commands as they are: versions go on, and one that was expected before is good', async (store) => {
    const before = await createLives(store)
    const { version = 0 } = (await store.findRecord('large')) ?? {}
    await store.compact({ before })
    await assertRejects(() => store.update('large', { n: 1 }, { expectedVersion: version - 1 }), 'VERSION_CONFLICT', {
      actual: version,
    })
    const updated = await store.update('large', { ...removing('small'), n: 1 }, { expectedVersion: version })
    assert.deepStrictEqual(await store.findRecord('large').then((record) => record?.version), version + 1)
    assert.deepStrictEqual(await store.findById('large'), updated)
    await assertRejects(() => store.create(aJob({ id: 'old' })), 'JOB_ALREADY_EXISTS')
    await store.updateStatus('moved', 'queued')
    await store.update('trimmed down', { gone: 'back' })
    assert.ok(await store.delete('old'))
    assert.deepStrictEqual(await typesOf(store, 'old'), ['snapshotted', 'deleted'])
    assert.deepStrictEqual(await typesOf(store, 'trimmed down'), ['snapshotted', 'updated'])
    await assertSound(store)
  })

  test('comes by itself, soon, where events are kept for a moment', { retention: { keepMs: 100 } }, async (store) => {
    await store.create(aJob())
    for (let percent = 1; percent <= 10; percent++) await store.updateProgress('job-1', { percent })
    await eventually(async () => assert.deepStrictEqual(await typesOf(store, 'job-1'), ['snapshotted']), {
      timeoutMs: 5000,
    })
    assert.strictEqual((await store.findById('job-1'))?.progress.percent, 10)
    assert.strictEqual((await store.stats()).events, 1)
  })

  test('does nothing the second time', async (store) => {
    const before = await createLives(store)
    const nothing = { dropped: 0, snapshotted: 0, archived: 0 }
    for (const time of [before, new Date(Date.now() + HOUR_MS)]) {
      assert.ok((await store.compact({ before: time })).dropped > 0)
      const picture = await pictureOf(store)
      assert.deepStrictEqual(await store.compact({ before: time }), nothing)
      assert.deepStrictEqual(await pictureOf(store), picture)
    }
    assert.deepStrictEqual(await store.compact({ before }), nothing)
  })

  test('with a time to come leaves one event a live job', async (store) => {
    await createLives(store)
    const { jobs, events } = await store.stats()
    const report = await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    assert.deepStrictEqual(report, { dropped: events, snapshotted: jobs, archived: 0 })
    assert.strictEqual((await store.stats()).events, jobs)
  })

  test('with a time before every event, or on an empty store, does nothing', async (store) => {
    const nothing = { dropped: 0, snapshotted: 0, archived: 0 }
    for (const before of [new Date(-8.64e15), new Date(5), new Date(), new Date(8.64e15)])
      assert.deepStrictEqual(await store.compact({ before }), nothing)
    await createMany(store, 20)
    const picture = await pictureOf(store)
    for (const before of [new Date(-8.64e15), new Date(0), new Date(5)])
      assert.deepStrictEqual(await store.compact({ before }), nothing)
    assert.deepStrictEqual(await pictureOf(store), picture)
  })

  test('forgets ended jobs whose last event goes: their ids start again at version 1', async (store) => {
    const before = await createLives(store)
    await store.compact({ before })
    for (const id of LIVES.ended) {
      assert.deepStrictEqual(await collect(store.history(id)), [])
      assert.strictEqual(await store.findById(id), null)
      await store.create(aJob({ id }), { expectedVersion: 0 })
      assert.strictEqual((await store.findRecord(id))?.version, 1)
      assert.deepStrictEqual(await typesOf(store, id), ['created'])
    }
    assert.deepStrictEqual(await typesOf(store, 'deleted later'), ['statusChanged', 'deleted'])
    await assertRejects(() => store.create(aJob({ id: 'deleted later' }), { expectedVersion: 0 }), 'VERSION_CONFLICT')
    await assertSound(store)
  })

  test('removes due jobs first', async (store) => {
    await Promise.all(jobsOf('user-1', 20, { expiresAt: new Date(5) }).map((job) => store.create(job)))
    await store.create(aJob({ id: 'stays' }))
    const report = await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    assert.deepStrictEqual(report, { dropped: 41, snapshotted: 1, archived: 0 })
    assert.strictEqual((await store.stats()).events, 1)
  })

  test('of many more events than a page, and jobs with long histories', async (store) => {
    await createMany(store, 700)
    await store.create(aJob())
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 900 }, (_, index) => store.update('job-1', { [`n${index % 7}`]: index })))
    const job = await store.findById('job-1')
    const report = await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    assert.deepStrictEqual(report, { dropped: 3401, snapshotted: 701, archived: 0 })
    assert.deepStrictEqual(await store.findById('job-1'), job)
    assert.strictEqual((await store.findRecord('job-1'))?.version, 2701)
    assert.deepStrictEqual(await store.verify().then(({ ok, jobs }) => [ok, jobs]), [true, 701])
  })

  test('of jobs that are large together, and of one that is larger than any call', async (store) => {
    const jobs = jobsOf('user-1', 30).map((job) => ({ ...job, big: textOf(100_000) }))
    await Promise.all(jobs.map((job) => store.create(job)))
    await store.create(aJob({ big: textOf(900_000), other: textOf(100) }))
    await store.update('job-1', { other: textOf(200) })
    const report = await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    assert.deepStrictEqual(report, { dropped: 32, snapshotted: 31, archived: 0 })
    assert.strictEqual((await store.findById('job-1'))?.['other'], textOf(200))
    assert.deepStrictEqual(await store.findById('job-00029'), jobs[29])
    assert.deepStrictEqual((await store.verify()).drift, [])
  })

  test('while writers go on, again and again: nothing is lost', async (store) => {
    const stop = startTraffic(store)
    let dropped = 0
    for (let run = 0; run < 6; run++) {
      const before = await nextMoment(store)
      dropped += (await store.compact({ before })).dropped
      assert.deepStrictEqual((await store.verify()).drift, [])
    }
    const { errors, answered } = await stop()
    assert.deepStrictEqual(errors, [])
    assert.ok(dropped > 20 && answered > 20, `vacuous: ${dropped} were dropped, ${answered} commands answered`)
    await assertSound(store)
    await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    assert.strictEqual((await store.stats()).events, (await store.stats()).jobs)
    await assertSound(store)
  })

  test('of a store whose state has drifted drops nothing', async (store) => {
    await createMany(store, 20)
    const { lastEventId: seen = '' } = (await store.findRecord('job-00007')) ?? {}
    const target = { jobId: 'job-00007', seen, state: null, events: [] }
    await EventSourcedStore.onBackend(store, (backend) =>
      backend.reconcile(partitionOf('job-00007', backend.partitions), [target]),
    )
    assert.strictEqual(await store.findById('job-00007'), null)
    await assertRejects(() => store.compact({ before: new Date(Date.now() + HOUR_MS) }), 'PROJECTION_LOST')
    await store.rebuild()
    assert.strictEqual((await store.findById('job-00007'))?.id, 'job-00007')
    await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    assert.strictEqual((await store.findRecord('job-00007'))?.version, 1)
    assert.strictEqual((await store.stats()).events, 20)
  })

  test('takes a job whose version is the same, but whose event is another, for one that has gone on', async (store) => {
    await store.create(aJob({ id: 'a' }))
    const other = await store.findRecord('a')
    await store.updateProgress('a', { percent: 1 })
    const at = await store.findRecord('a')
    assert.ok(at !== null && other !== null)
    const { id: jobId, userId, ...set } = at.job
    const meta = encodeMark({ standsFor: null, since: null, base: null })
    const snapshot = { jobId, userId, version: at.version, set, data: encodeValue(set), meta }
    const take = async (eventId: string): Promise<boolean[] | null> =>
      EventSourcedStore.onBackend(store, (backend) =>
        backend.snapshot(partitionOf(jobId, backend.partitions), [{ ...snapshot, eventId }]),
      )
    assert.deepStrictEqual(await take(other.lastEventId), [false])
    assert.deepStrictEqual(await take(at.lastEventId), [true])
    assert.deepStrictEqual(await take(at.lastEventId), [false])
    assert.strictEqual((await store.stats()).events, 3)
    await assertSound(store)
  })

  test('several at once do it once', async (store) => {
    await createMany(store, 300)
    const before = new Date(Date.now() + HOUR_MS)
    const reports = await Promise.all(Array.from({ length: 4 }, () => store.compact({ before })))
    assert.strictEqual(
      reports.reduce((sum, { dropped }) => sum + dropped, 0),
      300,
    )
    assert.strictEqual((await store.stats()).events, 300)
  })

  test('refuses options that are none', async (store) => {
    const before = new Date()
    for (const options of [null, 5, [], 'text', before])
      await assertTypeError(() => store.compact(options as unknown as CompactOptions<AnyJob>), 'options')
    for (const wrong of [undefined, null, 5, '2026-01-01', {}, new Date(Number.NaN)])
      await assertTypeError(() => store.compact({ before: wrong } as CompactOptions<AnyJob>), 'options.before')
    await assertTypeError(() => store.compact({} as CompactOptions<AnyJob>), 'options.before')
    for (const archive of [5, {}, 'archive.db', { append: 5 }])
      await assertTypeError(() => store.compact({ before, archive } as never), 'options.archive')
  })
}
