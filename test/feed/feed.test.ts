import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { suite } from 'uvu'

import type { Deliver } from '../../src/backend.ts'
import type { Position } from '../../src/core/cursor.ts'
import { SlowConsumerError, StoreUnavailableError } from '../../src/core/errors.ts'
import { MemoryBackend } from '../../src/memory/memory-backend.ts'
import { EventSourcedStore } from '../../src/store.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { Reading } from '../contract/reading.ts'

const test = suite('The feed, over a backend that misbehaves')

type Follow = MemoryBackend['follow']

/** A store whose backend follows its log as `follow` does, given the right way to. */
function storeThatFollows(follow: (...args: [...Parameters<Follow>, right: Follow]) => Promise<void>): {
  store: EventSourcedStore<AnyJob>
  runs: () => number
} {
  let runs = 0
  class Misbehaving extends MemoryBackend {
    override follow(after: readonly Position[], deliver: Deliver, signal: AbortSignal): Promise<void> {
      runs++
      return follow(after, deliver, signal, (...args) => super.follow(...args))
    }
  }
  const backend = new Misbehaving(Date.now, 'e')
  return { store: new EventSourcedStore<AnyJob>(backend, { sweepIntervalMs: 0 }), runs: () => runs }
}

test('events that it leaves out are noticed by their numbers, and read from the log', async () => {
  let leftOut = 0
  const isLeftOut = (sequence: number): boolean => sequence % 7 === 0 && ++leftOut > 0
  const { store } = storeThatFollows((after, deliver, signal, right) =>
    right(
      after,
      (partition, events) =>
        deliver(
          partition,
          events.filter(({ position }) => !isLeftOut(position.sequence)),
        ),
      signal,
    ),
  )
  const readings = [new Reading(store.subscribe()), new Reading(store.subscribe({ jobId: 'a' }))]
  await store.create(aJob({ id: 'a' }))
  for (let step = 0; step < 50; step++) {
    await store.updateProgress('a', { percent: step })
    await readings[0]?.has(step + 1)
  }
  const log = await collect(store.events())
  for (const reading of readings) assert.deepEqual(await reading.has(51), log)
  assert.ok(leftOut >= 3, `vacuous: ${leftOut} were left out`)
})

test('one that can read its log but not follow it is given up', async () => {
  const { store, runs } = storeThatFollows(async () => {})
  await assert.rejects(new Reading(store.subscribe()).ended(), { code: 'STORE_UNAVAILABLE' })
  assert.ok(runs() > 1 && runs() < 20, `${runs()} runs`)
})

test('what it fails with reaches its readers, and who comes later begins anew', async () => {
  let isBroken = true
  const { store } = storeThatFollows(async (after, deliver, signal, right) => {
    if (isBroken) throw new StoreUnavailableError('Broken.', { outcome: 'rejected' })
    return right(after, deliver, signal)
  })
  await store.create(aJob({ id: 'a' }))
  const readings = [new Reading(store.subscribe()), new Reading(store.watch('a'))]
  for (const reading of readings) await assert.rejects(reading.ended(), { message: 'Broken.' })
  isBroken = false
  const reading = new Reading(store.subscribe())
  await store.updateStatus('a', 'queued')
  await reading.has(1)
})

test('readers share one run, which ends with the last of them', async () => {
  let open = 0
  const { store, runs } = storeThatFollows(async (after, deliver, signal, right) => {
    open++
    await right(after, deliver, signal)
    open--
  })
  for (let round = 1; round <= 3; round++) {
    const readings = [new Reading(store.subscribe()), new Reading(store.subscribe({ after: 'start' }))]
    await store.create(aJob({ id: `${round}` }))
    for (const reading of readings) await reading.has(1)
    assert.deepEqual([open, runs()], [1, round])
    for (const reading of readings) await reading.leave()
    await store.stats()
    assert.equal(open, 0)
  }
})

/** A store whose feed brings what has come since only when it is told to: so much of it, at once. */
function storeThatGathers(): { store: EventSourcedStore<AnyJob>; bring: (count?: number) => void } {
  const gathered: (() => void)[] = []
  const { store } = storeThatFollows((after, deliver, signal, right) =>
    right(after, (partition, events) => void gathered.push(() => deliver(partition, events)), signal),
  )
  return { store, bring: (count = Infinity) => gathered.splice(0, count).forEach((deliver) => deliver()) }
}

async function progress(store: EventSourcedStore<AnyJob>, count: number): Promise<void> {
  for (let step = 0; step < count; step++) await store.updateProgress('a', { percent: 1, step })
}

const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

test('a reader that waited for what comes at once may take its time for it', async () => {
  const { store, bring } = storeThatGathers()
  await store.create(aJob({ id: 'a' }))
  const versions: number[] = []
  const reading = (async () => {
    for await (const { version } of store.subscribe({ bufferSize: 10 })) {
      if (versions.push(version) === 40) return
      await nextTurn()
      await nextTurn()
    }
  })()
  await nextTurn()
  await progress(store, 40)
  bring()
  await reading
  assert.deepEqual(versions, numbers(2, 41))
})

test('one that takes all that it gets without a break is not slow, though more comes meanwhile', async () => {
  // Each time it is at another step between two events.
  for (let steps = 0; steps < 30; steps++) {
    const { store, bring } = storeThatGathers()
    await store.create(aJob({ id: 'a' }))
    const reading = new Reading(store.subscribe({ bufferSize: 10 }))
    await nextTurn()
    await progress(store, 40)
    bring(10)
    for (let step = 0; step < steps; step++) await Promise.resolve()
    bring()
    assert.deepEqual(
      (await reading.has(40)).map(({ version }) => version),
      numbers(2, 41),
    )
    await reading.leave()
  }
})

test('one that is elsewhere is slow, but not before everybody has had a turn; what it has left is let go', async () => {
  const { store, bring } = storeThatGathers()
  await store.create(aJob({ id: 'a' }))
  const iterator = store.subscribe({ bufferSize: 10 })[Symbol.asyncIterator]()
  const first = iterator.next()
  await nextTurn()
  await progress(store, 1)
  bring()
  const { value } = await first
  await progress(store, 11)
  bring()
  await nextTurn()
  const error = await iterator.next().catch((reason: unknown) => reason)
  assert.ok(error instanceof SlowConsumerError, String(error))
  assert.equal(error.cursor, (value as { cursor: string }).cursor)
  assert.equal((await collect(store.events({ after: error.cursor }))).length, 11)
})

test('who ends while it begins leaves nothing behind, whenever that is', async () => {
  let open = 0
  const { store } = storeThatFollows(async (after, deliver, signal, right) => {
    open++
    await right(after, deliver, signal)
    open--
  })
  await store.ready()
  for (let steps = 0; steps < 100; steps++) {
    const controller = new AbortController()
    const reading = new Reading(store.subscribe({ signal: controller.signal }))
    for (let step = 0; step < steps; step++) await Promise.resolve()
    controller.abort()
    await reading.ended()
    await nextTurn()
    assert.equal(open, 0, `after ${steps} steps`)
  }
})

/** What is asked for, and read, before close(): it must end without an error, however far it has come. */
const READERS: Record<string, (store: EventSourcedStore<AnyJob>) => AsyncIterable<unknown>> = {
  'subscribe()': (store) => store.subscribe(),
  "subscribe() from 'start'": (store) => store.subscribe({ after: 'start' }),
  'watch()': (store) => store.watch('a'),
  'watch() of a job that is not there': (store) => store.watch('b'),
}

for (const [name, read] of Object.entries(READERS)) {
  test(`close() while ${name} begins ends it without an error, whenever that is`, async () => {
    for (const isOpen of [false, true])
      for (let steps = 0; steps < 40; steps++) {
        const store = new EventSourcedStore<AnyJob>(new MemoryBackend(Date.now, 'e'), { sweepIntervalMs: 0 })
        if (isOpen) await store.create(aJob({ id: 'a' }))
        const reading = new Reading(read(store))
        for (let step = 0; step < steps; step++) await Promise.resolve()
        await store.close()
        await reading.ended()
      }
  })

  test(`close() while ${name} waits for its place in the log ends it at once`, async () => {
    let answer = (): void => {}
    const isToAnswer = new Promise<void>((resolve) => (answer = resolve))
    class Silent extends MemoryBackend {
      override async bounds(): ReturnType<MemoryBackend['bounds']> {
        await isToAnswer
        throw new StoreUnavailableError('It went away.', { outcome: 'rejected' })
      }
    }
    const store = new EventSourcedStore<AnyJob>(new Silent(Date.now, 'e'), { sweepIntervalMs: 0 })
    await store.create(aJob({ id: 'a' }))
    const reading = new Reading(read(store))
    await nextTurn()
    const closed = store.close()
    await reading.ended()
    answer()
    await closed
  })
}

test.run()
