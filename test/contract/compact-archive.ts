import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { SqliteJobStore } from '../../src/sqlite/sqlite-job-store.ts'
import { assertRejects, collect, typesOf } from './assertions.ts'
import { ALL_LIVES, assertSound, createLives, jobsIn, ListArchive, LIVES, nextMoment } from './compaction.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, createMany, HOUR_MS, textOf } from './jobs.ts'
import { answersOf, assertAnswers, assertReads, assertReadsOn, readEverything } from './readings.ts'
import { startTraffic } from './traffic.ts'

const later = (): Date => new Date(Date.now() + HOUR_MS)

export const compactArchive: Suite = (test) => {
  test('takes each event that is dropped, once', async (store) => {
    const before = await createLives(store)
    const all = await collect(store.events())
    const archive = new ListArchive()
    const { dropped, archived } = await store.compact({ before, archive })
    assert.strictEqual(archived, dropped)
    const withoutCursor = (event: JobEvent<AnyJob>): object => ({ ...event, cursor: '' })
    const expected = all.filter(({ at }) => at < before).map(withoutCursor)
    assert.deepStrictEqual(sorted([...archive.events.values()].map(withoutCursor)), sorted(expected))
  })

  const archives: [string, () => ListArchive | SqliteJobStore<AnyJob>][] = [
    ['a list', () => new ListArchive()],
    ['SQLite', () => new SqliteJobStore<AnyJob>(':memory:', { sweepIntervalMs: 0 })],
  ]
  for (const [name, newArchive] of archives) {
    test(`with ${name} the log reads exactly as before, after one compaction and after two`, async (store) => {
      const archive = newArchive()
      const before = await createLives(store)
      const reading = await readEverything(store)
      const jobs = await jobsIn(store, ALL_LIVES)
      await store.compact({ before, archive })
      await assertReads(store, reading)
      await store.compact({ before: later(), archive })
      await assertReads(store, reading)
      assert.deepStrictEqual(await jobsIn(store, ALL_LIVES), jobs)
      assert.strictEqual((await store.stats()).events, (await store.stats()).jobs)

      for (const id of LIVES.standing) await store.update(id, { after: textOf(100) })
      await store.create(aJob({ id: 'deleted' }))
      await store.delete('young')
      const longer = await readEverything(store)
      for (let run = 0; run < 2; run++) {
        await store.compact({ before: later(), archive })
        await assertReads(store, longer)
      }
      assert.deepStrictEqual(await typesOf(store, 'deleted'), ['created', 'deleted', 'created'])
      await assertSound(store)
    })
  }

  test('that fails on the way takes nothing along: the next run completes', async (store) => {
    await createMany(store, 700)
    await store.create(aJob())
    await Promise.all(Array.from({ length: 300 }, (_, index) => store.update('job-1', { index })))
    const all = await collect(store.events())
    const archive = new ListArchive()
    for (let patience = 0; (await store.stats()).events > 701; patience++) {
      archive.patience = patience
      const isWhole = await store.compact({ before: later(), archive }).then(
        () => true,
        (error: unknown) => {
          assert.match(String(error), /the archive is full/)
          return false
        },
      )
      assert.deepStrictEqual(
        await idsOf(store),
        all.map(({ id }) => id),
      )
      assert.ok(patience < 30, 'it does not come to an end')
      if (isWhole) break
    }
    assert.strictEqual(archive.events.size, 1001)
    await assertSound(store)
  })

  test('that can only be written to takes all, and the store reads what is left', async (store) => {
    const before = await createLives(store)
    const taken: JobEvent<AnyJob>[] = []
    const append = async (events: JobEvent<AnyJob>[]): Promise<void> => void taken.push(...events)
    const { archived } = await store.compact({ before, archive: { append } })
    assert.strictEqual(taken.length, archived)
    assert.deepStrictEqual(await typesOf(store, 'old'), ['snapshotted'])
    await assertRejects(() => store.findByIdAsOf('old', { version: 1 }), 'HISTORY_TRUNCATED')
  })

  test('that came late has what there was by then', async (store) => {
    const archive = new ListArchive()
    const first = await createLives(store)
    await store.compact({ before: first })
    for (const id of LIVES.standing) await store.update(id, { second: 1 })
    const second = await nextMoment(store)
    await store.update('old', { third: 1 })
    const reading = await readEverything(store, false)
    const answers = await answersOf(store, await collect(store.history('young')))
    for (const time of [second, later()]) {
      await store.compact({ before: time, archive })
      await assertReadsOn(store, reading)
      await assertAnswers(store, answers)
      await assertRejects(() => store.findByIdAsOf('old', { version: 1 }), 'HISTORY_TRUNCATED')
    }
    await assertSound(store)
  })

  test('takes events as they stand in the log; upcast comes when they are read', { upcast: rename }, async (store) => {
    await store.create(aJob({ count: 1 }))
    await store.update('job-1', { count: 5 })
    const archive = new ListArchive()
    const reading = await readEverything(store)
    assert.strictEqual(reading.histories.get('job-1')?.[0]?.data['number'], 1)
    await store.compact({ before: later(), archive })
    await assertReads(store, reading)
    assert.deepStrictEqual(
      [...archive.events.values()].map(({ data }) => data['count']),
      [1, 5],
    )
    await store.rebuild()
  })

  test('may be shared by stores that have jobs of the same ids', async (one, open) => {
    const archive = new SqliteJobStore<AnyJob>(':memory:', { sweepIntervalMs: 0 })
    const two = await open.elsewhere()
    await createLives(one)
    await two.create(aJob({ id: 'old', mark: 'two' }))
    await two.updateStatus('old', 'queued')
    const readings = [await readEverything(one), await readEverything(two)] as const
    for (const store of [one, two, one]) await store.compact({ before: later(), archive })
    await assertReads(one, readings[0])
    await assertReads(two, readings[1])
  })

  test('is read without gap or double while it grows, and writers go on', async (store) => {
    const archive = new ListArchive()
    const stop = startTraffic(store)
    let largest = 0
    for (let run = 0; run < 6; run++) {
      const compacting = store.compact({ before: await nextMoment(store), archive })
      for (let reading = 0; reading < 3; reading++) largest = Math.max(largest, await assertWhole(store))
      await compacting
    }
    const { errors } = await stop()
    assert.deepStrictEqual(errors, [])
    assert.ok(archive.events.size > 20 && largest > archive.events.size / 2, `vacuous: ${archive.events.size}`)
    await assertWhole(store)
    await assertSound(store)
  })
}

/** For events of a program that said `count` where this one says `number`. */
function rename(event: JobEvent<AnyJob>): JobEvent<AnyJob> {
  const { count, ...data } = event.data
  return count === undefined ? event : { ...event, data: { ...data, number: count } }
}

/** From the log's beginning on, each job's versions are 1, 2, 3, … without end; a forgotten id begins anew. @returns how many events there are */
async function assertWhole(store: JobStore<AnyJob>): Promise<number> {
  const last = new Map<string, JobEvent<AnyJob>>()
  let count = 0
  for await (const event of store.events()) {
    count++
    const before = last.get(event.jobId)
    const what = `event ${event.id} of ${event.jobId}`
    assert.notStrictEqual(event.type, 'snapshotted', what)
    const isAnew = before !== undefined && ['deleted', 'expired'].includes(before.type) && event.previous === null
    assert.strictEqual(event.version, isAnew ? 1 : (before?.version ?? 0) + 1, what)
    assert.strictEqual(event.previous, isAnew ? null : (before?.id ?? null), what)
    last.set(event.jobId, event)
  }
  for (const [id, event] of [...last].slice(0, 5)) {
    const own = await collect(store.history(id))
    assert.ok(own.some((one) => one.id === event.id))
    assert.ok(own.every((one, index) => index === 0 || one.previous === own[index - 1]?.id || one.previous === null))
  }
  return count
}

async function idsOf(store: JobStore<AnyJob>): Promise<string[]> {
  return (await collect(store.events())).map(({ id }) => id)
}

function sorted(events: object[]): object[] {
  return events.toSorted((one, other) => ((one as { id: string }).id < (other as { id: string }).id ? -1 : 1))
}
