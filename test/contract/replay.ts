import * as assert from 'node:assert/strict'

import type { JobStore, RebuildReport, ReplayOptions, VerifyReport } from '../../src/contract.ts'
import { assertTypeError, collect } from './assertions.ts'
import { createEveryHistory, EVERY_HISTORY } from './every-history.ts'
import type { AnyJob, ContractTest } from './harness.ts'
import { createMany } from './jobs.ts'

/** verify or rebuild: a walk over the whole log. */
export type Replay = (store: JobStore<AnyJob>, options?: ReplayOptions) => Promise<VerifyReport | RebuildReport>

/** What verify and rebuild promise alike. */
export function replayTests(test: ContractTest, replay: Replay): void {
  test('counts the events of the log and the jobs that live', async (store) => {
    await createEveryHistory(store)
    const { events, jobs } = await replay(store)
    assert.strictEqual(events, (await collect(store.events())).length)
    assert.strictEqual(jobs, EVERY_HISTORY.live)
    assert.strictEqual(jobs, (await store.stats()).jobs)
  })

  test('works on an empty store', async (store) => {
    const { events, jobs } = await replay(store)
    assert.deepStrictEqual([events, jobs], [0, 0])
  })

  test('tells how far it has come, from 0 to 1, and never goes back', async (store) => {
    await createMany(store, 300)
    const told: Parameters<NonNullable<ReplayOptions['onProgress']>>[0][] = []
    await replay(store, { onProgress: (progress) => told.push(progress) })
    const fractions = told.map(({ fraction }) => fraction)
    assert.deepStrictEqual(
      fractions,
      fractions.toSorted((one, other) => one - other),
    )
    assert.deepStrictEqual([fractions[0], fractions.at(-1)], [0, 1])
    assert.ok(new Set(fractions).size >= 5, `told ${fractions.join()}`)
    assert.deepStrictEqual([told.at(-1)?.events, told.at(-1)?.jobs], [300, 300])
  })

  test('tells of an empty store too', async (store) => {
    const fractions: number[] = []
    await replay(store, { onProgress: ({ fraction }) => fractions.push(fraction) })
    assert.deepStrictEqual([fractions[0], fractions.at(-1)], [0, 1])
  })

  test("ends with the signal's reason, before it begins or on the way", async (store) => {
    await createMany(store, 300)
    const reason = new Error('enough')
    await assert.rejects(replay(store, { signal: AbortSignal.abort(reason) }), (error) => error === reason)
    const controller = new AbortController()
    let told = 0
    const onProgress = (): void => {
      if (++told === 3) controller.abort(reason)
    }
    await assert.rejects(replay(store, { signal: controller.signal, onProgress }), (error) => error === reason)
    assert.strictEqual(told, 3)
    assert.strictEqual((await replay(store)).jobs, 300)
  })

  test('ends with what onProgress throws', async (store) => {
    const reason = new Error('enough')
    const onProgress = (): void => {
      throw reason
    }
    await assert.rejects(replay(store, { onProgress }), (error) => error === reason)
  })

  test('stops when the store is closed', async (store) => {
    await createMany(store, 300)
    let told = 0
    let closing: Promise<void> | undefined
    const onProgress = (): void => {
      if (++told === 2) closing = store.close()
    }
    await assert.rejects(replay(store, { onProgress }), { code: 'STORE_CLOSED' })
    assert.strictEqual(told, 2)
    await closing
  })

  test('refuses options that are none', async (store) => {
    for (const options of [null, 5, [], 'text'])
      await assertTypeError(() => replay(store, options as unknown as ReplayOptions), 'options')
    for (const signal of [null, 5, {}])
      await assertTypeError(() => replay(store, { signal } as unknown as ReplayOptions), 'options.signal')
    for (const onProgress of [null, 5, {}])
      await assertTypeError(() => replay(store, { onProgress } as unknown as ReplayOptions), 'options.onProgress')
  })
}
