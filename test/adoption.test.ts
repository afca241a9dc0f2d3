import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { Backend } from '../src/backend.ts'
import { encodeValue } from '../src/codec.ts'
import type { AdoptedEvent } from '../src/maintenance.ts'
import { MemoryBackend } from '../src/memory/memory-backend.ts'
import { encodeMark } from '../src/reading/snapshots.ts'
import { EventSourcedStore } from '../src/store.ts'
import { assertRejects, collect } from './contract/assertions.ts'
import { assertStateIsFold } from './contract/fold.ts'
import type { AnyJob } from './contract/harness.ts'
import { aJob } from './contract/jobs.ts'
import { newBackend, withPath } from './sqlite/support/stores.ts'

const BACKENDS: [string, (path: string) => Backend][] = [
  ['memory', () => new MemoryBackend(Date.now, 'epoch')],
  ['SQLite', (path) => newBackend(path)],
]

const { id: _, userId: __, ...fields } = aJob({ createdAt: new Date(5), mark: 'whole' })

/** Another log, whose beginning was compacted away. */
const LIFE: AdoptedEvent[] = [
  adopted('updated', 2, { mark: 'changed' }),
  {
    ...adopted('snapshotted', 2, { ...fields, mark: 'changed' }),
    meta: encodeMark({ standsFor: null, since: null, base: null }),
  },
  adopted('progressed', 3, { progress: { percent: 9 } }),
  { ...adopted('deleted', 2, {}), jobId: 'job-2', at: 1_600_000_000_003 },
]

for (const [name, open] of BACKENDS) {
  const test = suite(`another log taken over into ${name}`)

  test(
    'comes as it is; until the state is made of it the store takes no commands',
    withPath(async (path) => {
      const backend = open(path)
      const store = new EventSourcedStore<AnyJob>(backend, { sweepIntervalMs: 0 })
      await store.ready()
      assert.equal(await backend.adopt(0, LIFE), LIFE.length)
      const calls = [
        () => store.create(aJob({ id: 'new' })),
        () => store.update('job-1', { note: 1 }),
        () => store.findById('job-1'),
        () => store.findByUserId('user-1'),
        () => store.countByStatus('pending'),
        () => store.purgeExpired(),
        () => store.stats(),
      ]
      for (const call of calls) await assertRejects(call, 'PROJECTION_LOST')
      await assert.rejects(backend.open(), { code: 'PROJECTION_LOST' })

      await assertRejects(() => store.rebuild(), 'PROJECTION_LOST')
      await assertRejects(() => backend.revive(false), 'PROJECTION_LOST')
      await assertRejects(() => store.create(aJob({ id: 'new' })), 'PROJECTION_LOST')

      await endAdoption(store)
      const log = await collect(store.events())
      assert.deepEqual(
        log.map(({ type, version, at, previous }) => [type, version, at.getTime(), previous]),
        LIFE.map(({ type, version, at }, index) => [type, version, at, index % 3 === 0 ? null : String(index)]),
      )
      assert.deepEqual((await store.findById('job-1'))?.progress, { percent: 9 })
      assert.equal((await store.updateStatus('job-1', 'queued'))?.['mark'], 'changed')
      assert.equal((await store.findRecord('job-1'))?.version, 4)
      await store.create(aJob({ id: 'job-2' }))
      assert.equal((await store.findRecord('job-2'))?.version, 3)
      assert.deepEqual((await store.verify()).drift, [])
      await assertRejects(() => store.findByIdAsOf('job-1', { version: 1 }), 'HISTORY_TRUNCATED')
      assert.equal(await backend.revive(false), 0)
      await store.close()
    }),
  )

  test(
    'can be done again after it was stopped anywhere: what is there is left out',
    withPath(async (path) => {
      const backend = open(path)
      const store = new EventSourcedStore<AnyJob>(backend, { sweepIntervalMs: 0 })
      await store.ready()
      let total = 0
      for (let upTo = 1; upTo <= LIFE.length; upTo++) total += await backend.adopt(0, LIFE.slice(0, upTo))
      assert.equal(total, LIFE.length)
      assert.equal(await backend.adopt(0, LIFE), 0)
      await endAdoption(store)
      assert.equal(await backend.adopt(0, LIFE), 0)
      assert.equal((await collect(store.events())).length, LIFE.length)
      await assertStateIsFold(store)
      await store.close()
    }),
  )

  test(
    'is refused once the store has had commands of its own, and leaves nothing behind',
    withPath(async (path) => {
      const backend = open(path)
      const store = new EventSourcedStore<AnyJob>(backend, { sweepIntervalMs: 0 })
      await store.create(aJob({ id: 'own' }))
      await assert.rejects(backend.adopt(0, LIFE), { code: 'STORE_MISMATCH' })
      assert.equal((await collect(store.events())).length, 1)
      await store.updateStatus('own', 'queued')
      await assertStateIsFold(store)
      await store.close()
    }),
  )

  test(
    'has times that never go back, whatever the other log says',
    withPath(async (path) => {
      const backend = open(path)
      const store = new EventSourcedStore<AnyJob>(backend, { sweepIntervalMs: 0 })
      await store.ready()
      const back = LIFE.map((event, index) => ({ ...event, at: 1_700_000_000_000 - index }))
      await backend.adopt(0, back)
      await endAdoption(store)
      assert.deepEqual(
        (await collect(store.events())).map(({ at }) => at.getTime()),
        back.map(() => 1_700_000_000_000),
      )
      await store.close()
    }),
  )

  test.run()
}

async function endAdoption(store: EventSourcedStore<AnyJob>): Promise<void> {
  await EventSourcedStore.onBackend(store, (_backend, { upkeep }) => upkeep.rebuild({ endsAdoption: true }))
  await store.ready()
}

function adopted(type: string, version: number, data: object): AdoptedEvent {
  const at = 1_600_000_000_000 + version
  return { type, jobId: 'job-1', userId: 'user-1', version, at, removed: [], meta: null, data: encodeValue(data) }
}
