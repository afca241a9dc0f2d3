import * as assert from 'node:assert/strict'

import type { ReplayOptions } from '../../src/contract.ts'
import { assertTypeError } from './assertions.ts'
import { assertSound } from './compaction.ts'
import type { Suite } from './harness.ts'
import { createMany, HOUR_MS } from './jobs.ts'

type Progress = Parameters<NonNullable<ReplayOptions['onProgress']>>[0]

const later = (): Date => new Date(Date.now() + HOUR_MS)

export const compactProgress: Suite = (test) => {
  test('tells how far it has come, from 0 to 1, and never goes back', async (store) => {
    await createMany(store, 600)
    const told: Progress[] = []
    await store.compact({ before: later(), onProgress: (progress) => told.push(progress) })
    const fractions = told.map(({ fraction }) => fraction)
    assert.deepStrictEqual(
      fractions,
      fractions.toSorted((one, other) => one - other),
    )
    assert.deepStrictEqual([fractions[0], fractions.at(-1)], [0, 1])
    assert.ok(new Set(fractions).size >= 5, `told ${fractions.join()}`)
    assert.deepStrictEqual(told.at(-1), { events: 600, jobs: 600, fraction: 1 })
  })

  test('tells of an empty store too', async (store) => {
    const fractions: number[] = []
    await store.compact({ before: later(), onProgress: ({ fraction }) => fractions.push(fraction) })
    assert.deepStrictEqual([fractions[0], fractions.at(-1)], [0, 1])
  })

  test("ends with the signal's reason, wherever it is, and the next run completes", async (store) => {
    await createMany(store, 600)
    const reason = new Error('enough')
    const isReason = (error: unknown): boolean => error === reason
    await assert.rejects(store.compact({ before: later(), signal: AbortSignal.abort(reason) }), isReason)
    assert.strictEqual((await store.stats()).events, 600)
    for (let stopAfter = 1, isDone = false; !isDone; stopAfter += 3) {
      const controller = new AbortController()
      let told = 0
      const onProgress = (): void => {
        if (++told === stopAfter) controller.abort(reason)
      }
      const run = store.compact({ before: later(), signal: controller.signal, onProgress })
      isDone = await run.then(
        () => true,
        (error) => {
          assert.ok(isReason(error), String(error))
          return false
        },
      )
      await assertSound(store)
    }
    const { events, jobs } = await store.stats()
    assert.deepStrictEqual([events, jobs], [600, 600])
  })

  test('ends with what onProgress throws', async (store) => {
    const reason = new Error('enough')
    const onProgress = (): void => {
      throw reason
    }
    await assert.rejects(store.compact({ before: later(), onProgress }), (error) => error === reason)
  })

  test('stops when the store is closed', async (store) => {
    await createMany(store, 600)
    let told = 0
    let closing: Promise<void> | undefined
    const onProgress = (): void => {
      if (++told === 2) closing = store.close()
    }
    await assert.rejects(store.compact({ before: later(), onProgress }), { code: 'STORE_CLOSED' })
    assert.strictEqual(told, 2)
    await closing
  })

  test('refuses a signal or an onProgress that is none', async (store) => {
    for (const signal of [null, 5, {}])
      await assertTypeError(() => store.compact({ before: later(), signal } as never), 'options.signal')
    for (const onProgress of [null, 5, {}])
      await assertTypeError(() => store.compact({ before: later(), onProgress } as never), 'options.onProgress')
  })
}
