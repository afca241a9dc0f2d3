import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import { CursorGapError } from '../../src/core/errors.ts'
import type { AsOf, Cursor, EventQuery, JobEvent } from '../../src/core/event.ts'
import { assertRejects, collect, typesOf } from './assertions.ts'
import { assertSound, createLives, LIVES, nextMoment } from './compaction.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, createMany, HOUR_MS, jobsOf } from './jobs.ts'
import { type Answer, answersOf, assertAnswers, assertReads, countTruncated, readEverything } from './readings.ts'

type Event = JobEvent<AnyJob>

const ALIVE = [...LIVES.standing, ...LIVES.young]

export const compactReading: Suite = (test) => {
  test('a cursor from before is a gap, whose `oldest` works; the one at the cut goes on', async (store) => {
    const before = await createLives(store)
    const all = await collect(store.events())
    await store.compact({ before })
    const from = await collect(store.events())
    const old = all[0]?.cursor as Cursor
    for (const query of [
      {},
      { jobId: all[0]?.jobId as string },
      { userId: 'user-3' },
      { types: ['created'] as const },
    ]) {
      const given = { ...query, after: old } as EventQuery
      const error = await gapOf(store, given)
      assert.deepStrictEqual(
        await idsOf(store, { ...given, after: error.oldest }),
        await idsOf(store, query as EventQuery),
      )
    }
    const cut = all.findLast(({ at }) => at < before)?.cursor as Cursor
    assert.deepStrictEqual(
      await idsOf(store, { after: cut }),
      from.map(({ id }) => id),
    )
    for (const [index, { cursor }] of from.entries())
      assert.deepStrictEqual(await collect(store.events({ after: cursor })), from.slice(index + 1))
  })

  test('a reading that a compaction overtakes ends with the gap', async (store) => {
    await store.create(aJob())
    await Promise.all(Array.from({ length: 600 }, (_, step) => store.updateProgress('job-1', { percent: 1, step })))
    const reading = store.events()[Symbol.asyncIterator]()
    await reading.next()
    await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    const rest = async (): Promise<void> => {
      while ((await reading.next()).done !== true);
    }
    await assertRejects(rest, 'CURSOR_GAP')
  })

  test('history and log begin with what is left, and a snapshot stands for what is gone', async (store) => {
    const before = await createLives(store)
    const jobs = new Map<string, AnyJob | null>()
    for (const id of LIVES.standing) jobs.set(id, await store.findById(id))
    await store.compact({ before })
    for (const [id, job] of jobs) {
      const own = await collect(store.history(id))
      const index = own.findIndex(({ type }) => type === 'snapshotted')
      assert.ok(own.slice(0, index).every(({ at }) => at >= before))
      const { version, data, removed, meta, userId, previous, jobId } = own[index] as Event
      assert.deepStrictEqual([jobId, userId, data, removed, meta], [id, job?.userId, job, [], null])
      assert.strictEqual(version, (await store.findRecord(id))?.version)
      assert.ok(previous !== null)
      assert.deepStrictEqual(
        await idsOf(store, { jobId: id }),
        own.map((event) => event.id),
      )
    }
    assert.deepStrictEqual(await typesOf(store, 'old'), ['snapshotted'])
    assert.deepStrictEqual(await typesOf(store, 'renewed later'), ['updated', 'snapshotted'])
    assert.deepStrictEqual(await typesOf(store, 'young'), ['created', 'progressed'])
    assert.deepStrictEqual(await typesOf(store, 'again, late'), ['created'])
  })

  test('the time since then is told as it was; the time before as it was, or not at all', async (store) => {
    const before = await createLives(store)
    const all = (await collect(store.events())).filter(({ jobId }) => ALIVE.includes(jobId))
    const answers = await answersOf(store, all)
    const isSince = ({ id, asOf }: Answer): boolean => {
      const { at } = all.find((event) => event.jobId === id && isOf(event, asOf)) ?? { at: asOf as Date }
      // Its life before ended before the cut: of the time until the next one there is nothing left.
      return at >= before && !(id === 'again, late' && asOf instanceof Date)
    }
    await store.compact({ before })
    const since = answers.filter(isSince)
    await assertAnswers(store, since)
    const truncated = await countTruncated(store, answers)
    assert.ok(truncated >= LIVES.standing.length, `only ${truncated} of ${answers.length} questions were too old`)
    assert.ok(since.length > 20)
    await assertRejects(() => store.findByIdAsOf('old', { version: 1 }), 'HISTORY_TRUNCATED')
    await assertRejects(() => store.findByIdAsOf('old', new Date(0)), 'HISTORY_TRUNCATED')
    for (const id of LIVES.ended) assert.strictEqual(await store.findByIdAsOf(id, before), null)
  })

  test('a job that was created again since is known not to have been there in between', async (store) => {
    await store.create(aJob())
    await store.delete('job-1')
    const before = await nextMoment(store)
    await Promise.all(jobsOf('user-1', 50).map((job) => store.create(job)))
    const between = new Date((await nextMoment(store)).getTime() - 1)
    await store.create(aJob())
    await store.compact({ before })
    assert.strictEqual(await store.findByIdAsOf('job-1', between), null)
    await assertRejects(() => store.findByIdAsOf('job-1', new Date(before.getTime() - 1)), 'HISTORY_TRUNCATED')
    assert.strictEqual((await store.findByIdAsOf('job-1', { version: 3 }))?.id, 'job-1')
  })

  test('a job that goes on and on is told since the last cut, whatever was cut before', async (store) => {
    const moments: Date[] = []
    await store.create(aJob({ big: 'x'.repeat(300) }))
    for (let round = 0; round < 6; round++) {
      for (let step = 0; step < 3; step++) await store.update('job-1', { [`n${step}`]: round, step })
      moments.push(await nextMoment(store))
    }
    const own = await collect(store.history('job-1'))
    const answers = await answersOf(store, own)
    for (const moment of moments) {
      await store.compact({ before: moment })
      const isSince = (event: Event): boolean => event.at >= moment
      const versions = new Set(own.filter(isSince).map(({ version }) => version))
      const since = answers.filter(({ asOf }) =>
        asOf instanceof Date ? asOf >= moment : 'version' in asOf && versions.has(asOf.version),
      )
      await assertAnswers(store, since)
      await countTruncated(store, answers)
      await assertSound(store)
    }
    assert.deepStrictEqual(await typesOf(store, 'job-1'), ['snapshotted'])
    assert.strictEqual((await store.findRecord('job-1'))?.version, 19)
  })

  test('one that was stopped before it dropped anything is not noticed, whatever comes after', async (store) => {
    await createMany(store, 40)
    const before = await createLives(store)
    const reading = await readEverything(store)
    const { events } = await store.stats()
    await stopBeforeDropping(store, before)
    assert.ok((await store.stats()).events > events, 'vacuous: no snapshot was written')
    await assertReads(store, reading)
    await store.update('old', { n: 2 })
    await stopBeforeDropping(store, new Date(Date.now() + HOUR_MS))
    for (const id of LIVES.standing) await store.update(id, { after: 1 })
    assert.deepStrictEqual(await idsOf(store, { types: ['snapshotted'] }), [])
    const log = await collect(store.events())
    const previous = new Map<string, string>()
    for (const event of log) {
      assert.strictEqual(event.previous, previous.get(event.jobId) ?? null)
      previous.set(event.jobId, event.id)
    }
    for (const [index, { cursor }] of log.entries())
      assert.deepStrictEqual(await collect(store.events({ after: cursor })), log.slice(index + 1))
    for (const id of LIVES.standing) {
      const own = log.filter(({ jobId }) => jobId === id).map((event) => ({ ...event, cursor: '' }))
      assert.deepStrictEqual(
        (await collect(store.history(id))).map((event) => ({ ...event, cursor: '' })),
        own,
      )
    }
    await assertSound(store)
  })
}

async function gapOf(store: JobStore<AnyJob>, query: EventQuery): Promise<CursorGapError> {
  try {
    await collect(store.events(query))
  } catch (error) {
    assert.ok(error instanceof CursorGapError, String(error))
    return error
  }
  return assert.fail(`no gap after ${JSON.stringify(query)}`)
}

async function idsOf(store: JobStore<AnyJob>, query: EventQuery): Promise<string[]> {
  return (await collect(store.events(query))).map(({ id }) => id)
}

/** Writes the first partition's snapshots, and drops nothing. */
async function stopBeforeDropping(store: JobStore<AnyJob>, before: Date): Promise<void> {
  const archive = { append: () => Promise.reject(new Error('enough')) }
  await assert.rejects(store.compact({ before, archive }), { message: 'enough' })
}

function isOf(event: Event, asOf: AsOf): boolean {
  if (asOf instanceof Date) return false
  return 'version' in asOf ? event.version === asOf.version : event.id === asOf.eventId
}
