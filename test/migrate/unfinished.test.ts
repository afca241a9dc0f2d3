import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { ScanPage } from '../../src/backend.ts'
import { encodeValue } from '../../src/codec.ts'
import type { JobStore, ReplayOptions } from '../../src/contract.ts'
import type { Position } from '../../src/core/cursor.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { MemoryBackend } from '../../src/memory/memory-backend.ts'
import { MemoryJobStore } from '../../src/memory/memory-job-store.ts'
import { migrate } from '../../src/migrate.ts'
import { EventSourcedStore } from '../../src/store.ts'
import type { StoredEvent } from '../../src/stored-event.ts'
import { assertRejects, assertTypeError, assertWritesNothing, collect } from '../contract/assertions.ts'
import { createEveryHistory } from '../contract/every-history.ts'
import type { AnyJob, StoreFactory } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { fill } from './support/furnish.ts'
import { House, HOUSES } from './support/houses.ts'
import { assertSame, whatIsTold } from './support/told.ts'

const test = suite('migrate: refused, stopped, and run again')

/** A full store in memory, and an empty one of the kind. */
async function withHouses(
  factory: StoreFactory,
  body: (from: JobStore<AnyJob>, to: JobStore<AnyJob>, house: House) => Promise<void>,
): Promise<void> {
  await using house = new House(factory)
  await using from = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
  await createEveryHistory(from)
  await fill(from, 400)
  await body(from, await house.open(), house)
}

type Progress = Parameters<NonNullable<ReplayOptions['onProgress']>>[0]

for (const [name, factory] of Object.entries(HOUSES)) {
  test(`${name}: a target that is not empty is refused, and stays as it was`, () =>
    withHouses(factory, async (from, to) => {
      await to.create(aJob({ id: 'mine' }))
      await to.delete('mine')
      await assertWritesNothing(to, () => migrate(from, to), 'STORE_MISMATCH')
      await assertRejects(() => migrate(to, to), 'STORE_MISMATCH')
    }))

  test(`${name}: it tells how far it has come, from 0 to 1, and never goes back`, () =>
    withHouses(factory, async (from, to) => {
      const told: Progress[] = []
      const { events, jobs } = await migrate(from, to, { onProgress: (progress) => told.push(progress) })
      const fractions = told.map(({ fraction }) => fraction)
      assert.deepEqual(
        fractions,
        fractions.toSorted((one, other) => one - other),
      )
      assert.deepEqual([fractions[0], fractions.at(-1)], [0, 1])
      assert.ok(new Set(fractions).size >= 6, `told ${fractions.join()}`)
      assert.deepEqual([told.at(-1)?.events, told.at(-1)?.jobs], [events, jobs])
    }))

  for (const stopAt of [0.3, 0.6])
    test(`${name}: stopped at ${stopAt}, it takes no commands until it was run again, and is whole then`, () =>
      withHouses(factory, async (from, to, house) => {
        const reason = new Error('enough')
        const controller = new AbortController()
        const onProgress = ({ fraction }: Progress): void => {
          if (fraction >= stopAt) controller.abort(reason)
        }
        await assert.rejects(migrate(from, to, { signal: controller.signal, onProgress }), (error) => error === reason)
        for (const store of [to, await house.open()]) {
          await assertRejects(() => store.create(aJob({ id: 'new' })), 'PROJECTION_LOST')
          await assertRejects(() => store.updateStatus('changed', 'queued'), 'PROJECTION_LOST')
          await assertRejects(() => store.delete('moved'), 'PROJECTION_LOST')
          await assertRejects(() => store.findById('changed'), 'PROJECTION_LOST')
        }
        await migrate(from, stopAt < 0.5 ? to : await house.open())
        const told = await whatIsTold(from)
        assertSame(await whatIsTold(to), told)
        assert.deepEqual((await to.verify()).drift, [])
        await to.updateStatus('changed', 'queued')
      }))

  test(`${name}: closed meanwhile, it ends as closed`, () =>
    withHouses(factory, async (from, to) => {
      let closing: Promise<void> | undefined
      const onProgress = (): void => {
        closing ??= to.close()
      }
      await assertRejects(() => migrate(from, to, { onProgress }), 'STORE_CLOSED')
      await closing
      await assertRejects(() => migrate(from, to), 'STORE_CLOSED')
    }))
}

test('an event that comes out of the target as another is noticed', async () => {
  const lies: ((event: StoredEvent) => StoredEvent[])[] = [
    (event) => [{ ...event, at: event.at + 1 }],
    (event) => [{ ...event, version: event.version + 1 }],
    (event) => [{ ...event, userId: 'another' }],
    (event) => [{ ...event, meta: encodeValue({ actor: 'another' }) }],
    (event) => [{ ...event, removed: ['note'] }],
    (event) => [{ ...event, data: encodeValue({ extra: 1 }) }],
    () => [],
    (event) => [event, event],
  ]
  for (const lie of lies) {
    await using from = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
    await using to = new EventSourcedStore<AnyJob>(
      new (class extends MemoryBackend {
        override async scan(partition: number, after: Position, limit: number): Promise<ScanPage> {
          const page = await super.scan(partition, after, limit)
          if (page.kind !== 'events') return page
          const told = page.events.flatMap((event) =>
            event.jobId === 'moved' && event.version === 2 ? lie(event) : [event],
          )
          return { kind: 'events', events: told }
        }
      })(Date.now, 'epoch'),
      { sweepIntervalMs: 0 },
    )
    await createEveryHistory(from)
    await assertRejects(() => migrate(from, to), 'MIGRATION_MISMATCH')
    await assertRejects(() => to.create(aJob({ id: 'new' })), 'PROJECTION_LOST')
  }
})

test('a source that gives an event twice, or out of its order, is noticed', async () => {
  await using from = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
  await createEveryHistory(from)
  const events = await collect(from.events())
  const [first, second, ...rest] = events as [JobEvent<AnyJob>, JobEvent<AnyJob>, ...JobEvent<AnyJob>[]]
  const reversed = events.toReversed().map((event) => ({ ...event, at: first.at }))
  for (const [wrong, code] of [
    [[...events, events.at(-1)], 'MIGRATION_MISMATCH'],
    [reversed, 'MIGRATION_MISMATCH'],
    [[{ ...first, at: new Date(first.at.getTime() + 9e9) }, second, ...rest], 'INVALID_LOG'],
  ] as const) {
    await using to = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
    const source = { stats: () => from.stats(), events: () => wrong } as unknown as JobStore<AnyJob>
    await assertRejects(() => migrate(source, to), code)
  }
})

test('what the target has not is refused before anything is taken over', async () => {
  await using from = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
  await createEveryHistory(from)
  await using to = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
  for (const other of [null, {}, new Map(), new Proxy(to, {})])
    await assert.rejects(migrate(from, other as unknown as JobStore<AnyJob>), TypeError)
  for (const options of [null, 5, []])
    await assertTypeError(() => migrate(from, to, options as unknown as ReplayOptions), 'options')
  await assertTypeError(() => migrate(from, to, { signal: 5 } as unknown as ReplayOptions), 'options.signal')
  await assertTypeError(() => migrate(from, to, { onProgress: 5 } as unknown as ReplayOptions), 'options.onProgress')
  assert.equal((await to.stats()).events, 0)
})

test.run()
