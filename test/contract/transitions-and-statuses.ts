import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import type { StoreOptions } from '../../src/options.ts'
import { InvalidTransitionError } from '../../src/core/errors.ts'
import { assertRejects, assertWritesNothing, newestOf } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob } from './jobs.ts'

const STATUSES = ['pending', 'queued', 'processing', 'completed', 'failed', 'cancelled']
const OWN: StoreOptions = {
  statuses: { draft: null, 'in review': 'startedAt', published: 'completedAt', live: 'completedAt' },
}
const TABLE = { draft: ['in review'], 'in review': ['draft', 'published'], published: ['live'] }

export const transitionsAndStatuses: Suite = (test) => {
  test('any status may follow any other, unless the store says otherwise', async (store) => {
    for (const from of STATUSES) {
      for (const to of STATUSES) {
        await store.create(aJob({ id: `${from} ${to}`, status: from }))
        assert.strictEqual((await store.updateStatus(`${from} ${to}`, to))?.status, to)
      }
    }
  })

  for (const from of STATUSES) {
    test(`guarded: what may follow ${from}`, { transitions: 'guarded' }, async (store) => {
      const followers = { completed: [], cancelled: [], failed: ['queued'] }[from] ?? STATUSES
      for (const to of STATUSES) {
        const isAllowed = to === from || followers.includes(to)
        await tryTransition(store, from, to, isAllowed)
      }
    })
  }

  test(
    'guarded: a refused transition leaves the other fields of the update alone',
    { transitions: 'guarded' },
    async (store) => {
      await store.create(aJob({ status: 'completed' }))
      const call = (): Promise<unknown> => store.update('job-1', { status: 'queued', note: 1, userId: 'user-2' })
      await assertWritesNothing(store, call, 'INVALID_TRANSITION', { from: 'completed', to: 'queued' })
      assert.strictEqual((await store.update('job-1', { note: 1 }))?.['note'], 1)
      assert.ok((await store.updateProgress('job-1', { percent: 100 })) !== null)
    },
  )

  test(
    'guarded: of two workers that finish a job at once, one is refused',
    { transitions: 'guarded' },
    async (store) => {
      await store.create(aJob({ status: 'processing' }))
      const settled = await Promise.allSettled([
        store.updateStatus('job-1', 'completed'),
        store.updateStatus('job-1', 'failed'),
      ])
      assert.deepStrictEqual(
        settled.map((one) => one.status),
        ['fulfilled', 'rejected'],
      )
      assert.deepStrictEqual([await store.countByStatus('completed'), await store.countByStatus('failed')], [1, 0])
    },
  )

  test(
    'a table says what may follow each status, and nothing follows what it leaves out',
    { ...OWN, transitions: TABLE },
    async (store) => {
      for (const from of Object.keys(OWN.statuses ?? {})) {
        const followers: string[] = TABLE[from as keyof typeof TABLE] ?? []
        for (const to of Object.keys(OWN.statuses ?? {}))
          await tryTransition(store, from, to, to === from || followers.includes(to))
      }
    },
  )

  test('a table may stand beside the default statuses', { transitions: { pending: ['queued'] } }, async (store) => {
    await tryTransition(store, 'pending', 'queued', true)
    await tryTransition(store, 'pending', 'completed', false)
    await tryTransition(store, 'queued', 'pending', false)
  })

  test('a job may be created in any status', { ...OWN, transitions: TABLE }, async (store) => {
    for (const status of Object.keys(OWN.statuses ?? {})) await store.create(aJob({ id: status, status }))
    assert.strictEqual(await store.countByUserId('user-1'), 4)
  })

  test("statuses of one's own stamp what they say, once", OWN, async (store) => {
    await store.create(aJob({ status: 'draft' }))
    const reviewed = await store.updateStatus('job-1', 'in review')
    assert.deepStrictEqual(reviewed?.startedAt, (await newestOf(store, 'job-1')).at)
    const published = await store.updateStatus('job-1', 'published')
    assert.deepStrictEqual(published?.completedAt, (await newestOf(store, 'job-1')).at)
    const live = await store.update('job-1', { status: 'live' })
    assert.deepStrictEqual([live?.startedAt, live?.completedAt], [reviewed?.startedAt, published?.completedAt])
    assert.ok(live !== null && !('queuedAt' in live))
  })

  test("statuses of one's own are the only ones", OWN, async (store) => {
    for (const status of ['pending', 'completed', 'Draft', '']) {
      await assertRejects(() => store.create(aJob({ status })), 'INVALID_JOB', { field: 'status' })
      await assertRejects(() => store.countByStatus(status), 'INVALID_JOB', { field: 'status' })
      await assertRejects(() => store.findByUserId('user-1', { status }), 'INVALID_JOB', { field: 'status' })
    }
    await store.create(aJob({ status: 'in review' }))
    assert.strictEqual(await store.countByStatus('in review'), 1)
    assert.strictEqual((await store.findByUserId('user-1', { status: 'in review' })).length, 1)
    assert.deepStrictEqual((await store.stats()).byStatus, { draft: 0, 'in review': 1, published: 0, live: 0 })
  })

  const hostile = [
    'constructor',
    'toString',
    'a:b',
    ':',
    '1',
    '{x}',
    '*',
    ' ',
    '\u0000',
    '😀',
    'é',
    'e\u0301',
    'x'.repeat(64),
  ]
  const statuses = Object.fromEntries(hostile.map((status) => [status, null]))
  test('a status may be any text of up to 64 characters', { statuses }, async (store) => {
    for (const status of hostile) await store.create(aJob({ id: `of ${status}`, status, userId: 'a:b' }))
    for (const status of hostile) {
      assert.strictEqual(await store.countByStatus(status), 1)
      assert.deepStrictEqual(
        (await store.findByUserId('a:b', { status })).map((job) => job.id),
        [`of ${status}`],
      )
      assert.deepStrictEqual(await store.findByUserId('b', { status }), [])
    }
    const { byStatus } = await store.stats()
    assert.deepStrictEqual(Object.keys(byStatus).sort(), hostile.toSorted())
    assert.ok(Object.values(byStatus).every((count) => count === 1))
  })

  const awkward = ['two\nlines', '\r\n', '100 %', '%0A', 'a\\nb']
  test(
    'a refused transition names the status as it is, and leaves its neighbours in the same batch alone',
    { statuses: Object.fromEntries([...awkward, 'end'].map((status) => [status, null])), transitions: {} },
    async (store) => {
      for (const status of awkward) await store.create(aJob({ id: `of ${status}`, status }))
      const settled = await Promise.allSettled(
        awkward.flatMap((status) => [
          store.updateStatus(`of ${status}`, 'end'),
          store.update(`of ${status}`, { status, note: status }),
        ]),
      )
      const found = settled.map((one) => {
        if (one.status === 'fulfilled') return one.value?.['note']
        return one.reason instanceof InvalidTransitionError ? { from: one.reason.from } : one.reason
      })
      assert.deepStrictEqual(
        found,
        awkward.flatMap((status) => [{ from: status }, status]),
      )
    },
  )
}

/** Tries it with a job of its own, by both verbs that can set a status. */
async function tryTransition(store: JobStore<AnyJob>, from: string, to: string, isAllowed: boolean): Promise<void> {
  const verbs: [string, (id: string) => Promise<AnyJob | null>][] = [
    [`${from} > ${to} by updateStatus`, (id) => store.updateStatus(id, to)],
    [`${from} > ${to} by update`, (id) => store.update(id, { status: to })],
  ]
  for (const [id, change] of verbs) {
    await store.create(aJob({ id, status: from }))
    if (isAllowed) assert.strictEqual((await change(id))?.status, to, id)
    else await assertRejects(() => change(id), 'INVALID_TRANSITION', { from, to })
    const { type, version } = await newestOf(store, id)
    assert.deepStrictEqual([type, version], isAllowed ? ['statusChanged', 2] : ['created', 1], id)
  }
}
