import * as assert from 'node:assert/strict'

import { assertRejects, assertWritesNothing, collect, newestOf } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, removing, textOf } from './jobs.ts'
import { nested, REFUSED, STORABLE, STRANGE_NAMES } from './storable.ts'

export const values: Suite = (test) => {
  for (const [name, value] of STORABLE) {
    test(`${name}: comes back equal, wherever it stands`, async (store) => {
      const job = aJob({ value, result: value, options: { deep: [{ value }] } })
      await store.create(job, { meta: { value } })
      const updates = { value, other: { value }, progress: { percent: 1, value } }
      const updated = await store.update('job-1', updates, { meta: { value } })
      const expected = { ...job, ...updates }
      assert.deepStrictEqual(updated, expected)
      assert.deepStrictEqual(await store.findById('job-1'), expected)
      assert.deepStrictEqual(await store.findByUserId('user-1'), [expected])
      assert.deepStrictEqual(await store.findByIdAsOf('job-1', { version: 1 }), job)
      const events = await collect(store.history('job-1'))
      assert.deepStrictEqual(
        events.map((event) => [event.data, event.meta]),
        [
          [job, { value }],
          [updates, { value }],
        ],
      )
    })
  }

  test('every value beside every other comes back equal', async (store) => {
    const all = Object.fromEntries(STORABLE.map(([name, value]) => [name, value]))
    const job = aJob({ ...all, all: STORABLE.map(([, value]) => value) })
    await store.create(job)
    assert.deepStrictEqual(await store.findById('job-1'), job)
  })

  test('dates of the job itself may be any that there are', async (store) => {
    for (const [index, ms] of [0, -1, 1, -8.64e15, 8.64e15, 4_294_967_295_999, 17_179_869_184_001, -999].entries()) {
      const at = new Date(ms)
      const job = aJob({ id: `${index}`, createdAt: at, queuedAt: at, startedAt: at, completedAt: at })
      await store.create(job)
      assert.deepStrictEqual(await store.findById(`${index}`), job)
    }
  })

  test('an expiresAt may be as late as there is', async (store) => {
    const job = aJob({ expiresAt: new Date(8.64e15) })
    await store.create(job)
    assert.deepStrictEqual(await store.findById('job-1'), job)
    assert.strictEqual(await store.countByUserId('user-1'), 1)
  })

  test('-0 is stored as 0', async (store) => {
    await store.create(aJob({ value: -0, retryCount: -0, list: [-0, { deep: -0 }] }))
    const found = await store.findById('job-1')
    const expected = { value: 0, retryCount: 0, list: [0, { deep: 0 }] }
    assert.deepStrictEqual({ value: found?.['value'], retryCount: found?.retryCount, list: found?.['list'] }, expected)
    assert.deepStrictEqual((await store.update('job-1', { value: [-0] }))?.['value'], [0])
  })

  test('own fields of any name are kept, changed and removed as others are', async (store) => {
    const own = Object.fromEntries(STRANGE_NAMES.map((name, index) => [name, `value ${index}`]))
    const job = aJob({ ...own, nested: own })
    await store.create(job)
    assert.deepStrictEqual(await store.findById('job-1'), job)
    assert.deepStrictEqual((await newestOf(store, 'job-1')).data, job)
    for (const name of STRANGE_NAMES) {
      const changed = await store.update('job-1', { [name]: { [name]: 1 } })
      assert.deepStrictEqual(changed, { ...job, [name]: { [name]: 1 } }, name)
      const { [name]: _, ...rest } = job
      assert.deepStrictEqual(await store.update('job-1', removing(name)), rest, name)
      assert.deepStrictEqual(await store.findById('job-1'), rest, name)
      await store.update('job-1', { [name]: job[name] })
    }
    assert.deepStrictEqual(await store.findById('job-1'), job)
  })

  test('a job may have very many own fields', async (store) => {
    const own = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`field ${index}`, index]))
    const job = aJob(own)
    await store.create(job)
    assert.deepStrictEqual(await store.findById('job-1'), job)
    await store.update('job-1', removing(...Object.keys(own).slice(1)))
    assert.deepStrictEqual(await store.findById('job-1'), { ...aJobLike(job), 'field 0': 0 })
  })

  test('values of every size come back equal, alone and beside others', async (store) => {
    for (const bytes of [0, 1, 31, 32, 60, 63, 64, 65, 255, 256, 4096, 65_535, 65_536, 300_000]) {
      const job = aJob({ id: `${bytes}`, small: 1, text: textOf(bytes), bytes: Buffer.alloc(bytes, 7) })
      await store.create(job)
      assert.deepStrictEqual(await store.findById(job.id), job)
      const updated = await store.update(job.id, { text: textOf(bytes, 'é'), other: [textOf(bytes)] })
      assert.deepStrictEqual(await store.findById(job.id), updated)
      assert.strictEqual(updated?.['text'], textOf(bytes, 'é'))
    }
  })

  test('a large value that another replaces is not seen again', async (store) => {
    await store.create(aJob({ big: textOf(1000, 'a'), kept: textOf(1000, 'k') }))
    await store.update('job-1', { big: 'small' })
    assert.deepStrictEqual((await store.findById('job-1'))?.['big'], 'small')
    await store.update('job-1', { big: textOf(1000, 'b') })
    await store.update('job-1', { other: 1 })
    assert.deepStrictEqual((await store.findById('job-1'))?.['big'], textOf(1000, 'b'))
    await store.update('job-1', removing('big'))
    const found = await store.findById('job-1')
    assert.ok(found !== null && !('big' in found))
    assert.strictEqual(found['kept'], textOf(1000, 'k'))
  })

  for (const [name, make, path] of REFUSED) {
    test(`${name}: is refused, and the error names the path`, async (store) => {
      await store.create(aJob())
      const update = (updates: object) => (): Promise<unknown> => store.update('job-1', updates)
      await assertWritesNothing(store, update({ value: make() }), 'INVALID_JOB', { field: `value${path}` })
      await assertRejects(update({ fine: 1, list: [0, { v: make() }] }), 'INVALID_JOB', { field: `list[1].v${path}` })
      await assertRejects(() => store.create(aJob({ id: 'b', value: make() })), 'INVALID_JOB', {
        field: `value${path}`,
      })
      const progress = { percent: 1, value: make() }
      await assertRejects(() => store.updateProgress('job-1', progress), 'INVALID_JOB', {
        field: `progress.value${path}`,
      })
      const meta = { value: make() }
      await assertRejects(() => store.delete('job-1', { meta }), 'INVALID_JOB', { field: `meta.value${path}` })
      assert.strictEqual((await collect(store.events())).length, 1)
    })
  }

  test('a field may have 100 levels, and not one more', async (store) => {
    await store.create(aJob({ value: nested(100) }))
    assert.deepStrictEqual((await store.findById('job-1'))?.['value'], nested(100))
    const field = `value${'.in[0]'.repeat(50)}`
    await assertWritesNothing(store, () => store.update('job-1', { value: nested(101) }), 'INVALID_JOB', { field })
  })

  test('a cycle is refused', async (store) => {
    const cycle: Record<string, unknown> = { name: 'cycle' }
    cycle['self'] = { list: [cycle] }
    await assertRejects(() => store.create(aJob({ value: cycle })), 'INVALID_JOB')
    assert.strictEqual(await store.findById('job-1'), null)
  })

  test('names that can not be stored are refused at the top as well', async (store) => {
    await store.create(aJob())
    const symbol = { [Symbol('hidden')]: 1 }
    for (const updates of [JSON.parse('{"__proto__": 1}'), { 'lone \ud800': 1 }, symbol] as Partial<AnyJob>[]) {
      await assertWritesNothing(store, () => store.update('job-1', updates), 'INVALID_JOB')
      const job = Object.defineProperties(aJob({ id: 'b' }), Object.getOwnPropertyDescriptors(updates))
      await assertWritesNothing(store, () => store.create(job), 'INVALID_JOB')
    }
    assert.strictEqual(({} as Record<string, unknown>)['polluted'], undefined)
  })
}

function aJobLike(job: AnyJob): AnyJob {
  const { id, userId, status, progress, retryCount, maxRetries, createdAt, expiresAt } = job
  return { id, userId, status, progress, retryCount, maxRetries, createdAt, expiresAt }
}
