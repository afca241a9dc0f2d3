import * as assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { suite } from 'uvu'

import { MemoryBackend } from '../../src/memory/memory-backend.ts'
import { EventSourcedStore } from '../../src/store.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, jobsOf } from '../contract/jobs.ts'

const test = suite('due jobs in memory')

const DUE = 1600
/** What one turn of the event loop may remove, whoever asks. */
const MOST_A_TURN = 500

type Store = EventSourcedStore<AnyJob>

const CALLS: [name: string, call: (store: Store) => Promise<unknown>, result: unknown][] = [
  ['a count of a user', (store) => store.countByUserId('user-1'), 1],
  ['a count of a status', (store) => store.countByStatus('pending'), 1],
  ['a list', (store) => store.findByUserId('user-1').then(idsOf), ['stays']],
  ['a page', (store) => store.listByUserId('user-1').then(({ jobs }) => idsOf(jobs)), ['stays']],
  ['stats', (store) => store.stats().then(({ jobs, events }) => [jobs, events]), [1, 2 * DUE + 1]],
  ['a purge', (store) => store.purgeExpired(), DUE],
  [
    'many reads at once',
    (store) => Promise.all(Array.from({ length: 20 }, () => store.countByUserId('user-1'))),
    Array.from({ length: 20 }, () => 1),
  ],
  [
    'purges and reads at once',
    async (store) => {
      const purges = [1, 2, 3].map(() => store.purgeExpired(1000))
      const counts = [1, 2, 3].map(() => store.countByUserId('user-1'))
      const removed = await Promise.all(purges)
      const expired = await collect(store.events({ types: ['expired'] }))
      return [await Promise.all(counts), expired.length, removed.every((count) => count <= 1000)]
    },
    [[1, 1, 1], DUE, true],
  ],
]

for (const [name, call, result] of CALLS) {
  test(`${name}: removes some of them in each turn of the event loop, and sees none`, async () => {
    const backend = new MemoryBackend(Date.now, 'epoch')
    const store = new EventSourcedStore<AnyJob>(backend, { sweepIntervalMs: 0 })
    const past = jobsOf('user-1', DUE, { expiresAt: new Date(1_600_000_000_000) })
    await Promise.all([...past, aJob({ id: 'stays' })].map((job) => store.create(job)))
    const { found, growth } = await growthOf(backend, () => call(store))
    assert.deepEqual(found, result)
    assert.ok(Math.max(...growth) <= MOST_A_TURN, `removed in each turn: ${growth.join()}`)
    const expired = await collect(store.events({ types: ['expired'] }))
    assert.equal(new Set(expired.map(({ jobId }) => jobId)).size, DUE)
    assert.equal(expired.length, DUE)
    assert.deepEqual((await store.verify()).drift, [])
    await store.close()
  })
}

test('what is created, created again and deleted in between is seen as it is', async () => {
  const store = new EventSourcedStore<AnyJob>(new MemoryBackend(Date.now, 'epoch'), { sweepIntervalMs: 0 })
  const past = jobsOf('user-1', DUE, { expiresAt: new Date(1_600_000_000_000) })
  await Promise.all([...past, aJob({ id: 'goes' })].map((job) => store.create(job)))
  const count = store.countByUserId('user-1')
  await nextTurn()
  await Promise.all([store.create(aJob({ id: 'comes' })), store.create(aJob({ id: 'job-01599' }))])
  assert.equal(await store.delete('goes'), true)
  assert.equal(await count, 2)
  assert.deepEqual(idsOf(await store.findByUserId('user-1')).sort(), ['comes', 'job-01599'])
  assert.deepEqual((await store.verify()).drift, [])
  await store.close()
})

/** Makes a call, and counts the events that each turn of the event loop brings until its end. */
async function growthOf(
  backend: MemoryBackend,
  call: () => Promise<unknown>,
): Promise<{ found: unknown; growth: number[] }> {
  const ends: number[] = [await endOf(backend)]
  const ending = new AbortController()
  const watch = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await nextTurn()
      ends.push(await endOf(backend))
    }
  }
  // Begins before the call, to have its part of each turn first.
  const watched = watch()
  const found = await call()
  ending.abort()
  await watched
  return { found, growth: ends.slice(1).map((end, index) => end - (ends[index] as number)) }
}

async function endOf(backend: MemoryBackend): Promise<number> {
  const { newest } = await backend.bounds()
  return newest[0]?.sequence ?? 0
}

function idsOf(jobs: AnyJob[]): string[] {
  return jobs.map(({ id }) => id)
}

test.run()
