import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { JobStore } from '../../src/contract.ts'
import { HistoryTruncatedError } from '../../src/core/errors.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { MemoryBackend } from '../../src/memory/memory-backend.ts'
import { EventSourcedStore } from '../../src/store.ts'
import { collect } from '../contract/assertions.ts'
import { ListArchive } from '../contract/compaction.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { randomOf, seed } from '../support/random.ts'

/**
 * Three stores on one clock get the same random commands. One is never compacted; two are, at random times and moments,
 * and sometimes stopped before the dropping or between two pages: one with an archive, which must then read like the first
 * one, and one without, which must answer like it or say since when it can. All of it millisecond by millisecond.
 */
const test = suite('compactions at random')

const ROUNDS = Number(process.env['ROUNDS'] ?? 30)
const STEPS = 60
const IDS = ['a', 'b', 'c', 'd']
/** How far back questions go, in ms: beyond the oldest cut. */
const BACK_MS = 80

type Store = JobStore<AnyJob>

test(`${ROUNDS} times ${STEPS} steps`, async () => {
  console.log(`\nseed ${seed}`)
  const counts = { answered: 0, tooOld: 0 }
  for (let round = 0; round < ROUNDS; round++) await playRound(randomOf(seed + round), counts)
  console.log(`${counts.answered} questions answered, ${counts.tooOld} too old`)
  assert.ok(counts.tooOld > 0 && counts.answered > counts.tooOld, 'vacuous')
})

async function playRound(random: () => number, counts: { answered: number; tooOld: number }): Promise<void> {
  const clock = { ms: 1_700_000_000_000 }
  const open = (): Store => new EventSourcedStore<AnyJob>(new MemoryBackend(() => clock.ms, 'epoch'), QUIET)
  const stores = { whole: open(), bare: open(), archived: open() }
  const archive = new ListArchive()
  let cutMs = -Infinity
  for (let step = 0; step < STEPS; step++) {
    clock.ms += Math.floor(random() * 3)
    const roll = random()
    if (roll < 0.85) {
      const command = commandOf(random, step, clock.ms)
      for (const store of Object.values(stores)) await command(store)
      continue
    }
    const before = new Date(clock.ms - Math.floor(random() * 30) + 2)
    for (const store of Object.values(stores)) await store.purgeExpired()
    const isStopped = random() < 0.3
    archive.patience = isStopped ? Math.floor(random() * 2) : Infinity
    await stores.archived.compact({ before, archive }).catch(requireStop)
    await stores.bare.compact(isStopped ? { before, archive: FULL } : { before }).catch(requireStop)
    if (!isStopped) cutMs = Math.max(cutMs, before.getTime())
    await assertSame(stores.whole, stores.archived)
    for (const store of [stores.bare, stores.archived]) {
      assert.deepEqual((await store.verify()).drift, [])
      await assertStateIsFold(store, Infinity)
    }
    for (const id of IDS) for (let ms = clock.ms - BACK_MS; ms <= clock.ms; ms++) await ask(id, ms)
  }

  async function ask(id: string, ms: number): Promise<void> {
    const asOf = new Date(ms)
    const expected = await stores.whole.findByIdAsOf(id, asOf)
    assert.deepEqual(await stores.archived.findByIdAsOf(id, asOf), expected, `with an archive: ${id} as of ${ms}`)
    try {
      const found = await stores.bare.findByIdAsOf(id, asOf)
      // Of a job that was forgotten it is not known that it was there.
      if (found !== null || ms >= cutMs) assert.deepEqual(found, expected, `${id} as of ${ms}`)
      counts.answered++
    } catch (error) {
      if (!(error instanceof HistoryTruncatedError)) throw error
      counts.tooOld++
      assert.ok(error.oldest > asOf)
      await stores.bare.findByIdAsOf(id, error.oldest)
      if (ms < cutMs || (await stores.whole.findById(id)) === null) return
      const lives = (await collect(stores.whole.history(id))).filter(({ type }) => type === 'created')
      assert.ok(
        lives.some(({ at }) => at > asOf),
        `${id} as of ${ms}: the life that it has goes on since then, and the log was cut before`,
      )
    }
  }
}

const QUIET = { sweepIntervalMs: 0 }

const FULL = { append: () => Promise.reject(new Error('the archive is full')) }

function requireStop(error: unknown): void {
  assert.match(String(error), /the archive is full/)
}

function commandOf(random: () => number, step: number, nowMs: number): (store: Store) => Promise<unknown> {
  const id = IDS[Math.floor(random() * IDS.length)] as string
  const kind = random()
  const number = Math.floor(random() * 100)
  const expiresAt = new Date(nowMs + (random() < 0.2 ? 3 : 10_000_000))
  const job = aJob({ id, number, createdAt: new Date(5), expiresAt })
  if (kind < 0.3) return (store) => store.create(job).catch(() => {})
  if (kind < 0.75) return (store) => store.update(id, { number, [`field ${number % 5}`]: step })
  if (kind < 0.87) return (store) => store.updateStatus(id, 'queued')
  return (store) => store.delete(id)
}

/** Ids and versions apart, since a forgotten id begins anew: the same events in the same order, and the same jobs. */
async function assertSame(whole: Store, archived: Store): Promise<void> {
  const told = ({ type, jobId, userId, at, data, removed }: JobEvent<AnyJob>): object => ({
    type,
    jobId,
    userId,
    at,
    data,
    removed,
  })
  assert.deepEqual((await collect(archived.events())).map(told), (await collect(whole.events())).map(told))
  for (const id of IDS) assert.deepEqual(await archived.findById(id), await whole.findById(id))
}

test.run()
