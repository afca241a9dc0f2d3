import * as assert from 'node:assert/strict'

import { PayloadTooLargeError } from '../../src/core/errors.ts'
import { assertWritesNothing } from './assertions.ts'
import type { Suite } from './harness.ts'
import { aJob, fieldsOf, removing, textOf } from './jobs.ts'

const LIMIT = 2048

export const limits: Suite = (test) => {
  test(
    'an event of exactly maxEventBytes is stored, one byte more is refused',
    { maxEventBytes: LIMIT },
    async (store) => {
      await store.create(aJob())
      const tooMuch = await store.update('job-1', { text: textOf(LIMIT) }).catch((error: unknown) => error)
      assert.ok(tooMuch instanceof PayloadTooLargeError)
      assert.strictEqual(tooMuch.limit, LIMIT)
      const most = LIMIT - (tooMuch.bytes - LIMIT)
      const stored = await store.update('job-1', { text: textOf(most) })
      assert.strictEqual(stored?.['text'], textOf(most))
      const call = (): Promise<unknown> => store.update('job-1', { text: textOf(most + 1) })
      await assertWritesNothing(store, call, 'PAYLOAD_TOO_LARGE', { bytes: LIMIT + 1, limit: LIMIT })
    },
  )

  test('every command is held to it, its meta included', { maxEventBytes: LIMIT }, async (store) => {
    await store.create(aJob())
    const text = textOf(LIMIT)
    const calls = [
      () => store.create(aJob({ id: 'b', text })),
      () => store.update('job-1', { text }),
      () => store.update('job-1', { bytes: Buffer.alloc(LIMIT) }),
      () => store.updateProgress('job-1', { percent: 1, message: text }),
      () => store.updateStatus('job-1', 'queued', { meta: { reason: text } }),
      () => store.update('job-1', { text: textOf(LIMIT / 2) }, { meta: { reason: textOf(LIMIT / 2) } }),
      () => store.delete('job-1', { meta: { reason: text } }),
    ]
    for (const call of calls) await assertWritesNothing(store, call, 'PAYLOAD_TOO_LARGE', { limit: LIMIT })
  })

  test('names of removed fields count, whether the job has them or not', { maxEventBytes: LIMIT }, async (store) => {
    await store.create(aJob(fieldsOf(50)))
    const names = Object.keys(fieldsOf(1000))
    const calls = [
      () => store.update('job-1', removing(textOf(LIMIT))),
      () => store.update('job-1', removing(textOf(LIMIT, 'é'))),
      () => store.update('job-1', removing(...names)),
      () => store.update('job-1', { text: textOf(LIMIT / 2), ...removing(textOf(LIMIT / 2)) }),
    ]
    for (const call of calls) await assertWritesNothing(store, call, 'PAYLOAD_TOO_LARGE', { limit: LIMIT })
    const few = names.slice(0, 100)
    const updated = await store.update('job-1', removing(...few))
    assert.ok(updated !== null && few.every((name) => !(name in updated)))
  })

  test('the user id of a new job counts', { maxEventBytes: LIMIT }, async (store) => {
    const create = (bytes: number) => (): Promise<unknown> =>
      store.create(aJob({ userId: textOf(bytes), text: textOf(LIMIT - 512) }))
    await assertWritesNothing(store, create(512), 'PAYLOAD_TOO_LARGE', { limit: LIMIT })
    await create(1)()
  })

  test('it counts an event, not the job', { maxEventBytes: LIMIT }, async (store) => {
    await store.create(aJob())
    for (let part = 0; part < 5; part++) await store.update('job-1', { [`part ${part}`]: textOf(LIMIT / 2) })
    assert.strictEqual((await store.findById('job-1'))?.['part 4'], textOf(LIMIT / 2))
    assert.ok((await store.updateStatus('job-1', 'queued')) !== null)
  })

  test('it counts bytes, not characters', { maxEventBytes: LIMIT }, async (store) => {
    await store.create(aJob())
    const call = (): Promise<unknown> => store.update('job-1', { text: '😀'.repeat(LIMIT / 4) })
    await assertWritesNothing(store, call, 'PAYLOAD_TOO_LARGE', { limit: LIMIT })
  })

  test('it may be so small that nothing can be stored', { maxEventBytes: 1 }, async (store) => {
    await assertWritesNothing(store, () => store.create(aJob()), 'PAYLOAD_TOO_LARGE', { limit: 1 })
    const calls = [
      () => store.update('job-1', { n: 1 }),
      () => store.updateStatus('job-1', 'queued'),
      () => store.updateProgress('job-1', { percent: 1 }),
      () => store.delete('job-1', { meta: { reason: 'x' } }),
    ]
    for (const call of calls) await assertWritesNothing(store, call, 'PAYLOAD_TOO_LARGE', { limit: 1 })
    assert.strictEqual((await store.stats()).events, 0)
  })

  test('one of some hundred bytes holds a job, and no more', { maxEventBytes: 500 }, async (store) => {
    await store.create(aJob())
    for (const call of [
      () => store.create(aJob({ id: 'b', text: textOf(500) })),
      () => store.update('job-1', { text: textOf(500) }),
    ])
      await assertWritesNothing(store, call, 'PAYLOAD_TOO_LARGE', { limit: 500 })
    assert.ok((await store.updateStatus('job-1', 'completed')) !== null)
    assert.ok(await store.delete('job-1'))
  })

  test('it is 1 MiB unless told otherwise', async (store) => {
    const text = textOf(1_048_000)
    await store.create(aJob({ text }))
    assert.strictEqual((await store.findById('job-1'))?.['text'], text)
    const call = (): Promise<unknown> => store.update('job-1', { text: textOf(1_048_576) })
    await assertWritesNothing(store, call, 'PAYLOAD_TOO_LARGE', { limit: 1_048_576 })
  })

  test('large events side by side, in one batch, are all stored', async (store) => {
    const text = textOf(400_000)
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    await Promise.all(ids.map((id) => store.create(aJob({ id, text: `${id}${text}` }))))
    for (const id of ids) assert.strictEqual((await store.findById(id))?.['text'], `${id}${text}`)
    assert.strictEqual((await store.findByUserId('user-1')).length, 6)
  })
}
