import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { Drift } from '../../src/contract.ts'
import { START } from '../../src/core/cursor.ts'
import type { JobState } from '../../src/core/evolve.ts'
import { MemoryBackend } from '../../src/memory/memory-backend.ts'
import { EventSourcedStore } from '../../src/store.ts'
import { pictureOf } from '../contract/assertions.ts'
import { createEveryHistory } from '../contract/every-history.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'

const test = suite('the upkeep of a store in memory')

/** What is done to a sound store, and what verify() must say of it. Nothing from outside can: it is done by reconcile. */
const DAMAGE: [name: string, damage: (backend: MemoryBackend) => Promise<unknown>, drift: Partial<Drift>[]][] = [
  [
    'a field that was changed',
    (backend) => set(backend, 'changed', (state) => ({ ...state, job: { ...state.job, note: 'wrong' } as never })),
    [{ kind: 'field', jobId: 'changed', field: 'note' }],
  ],
  [
    'a version that was changed',
    (backend) => set(backend, 'changed', (state) => ({ ...state, version: 99 })),
    [{ kind: 'field', jobId: 'changed', field: 'version', expected: 6, actual: 99 }],
  ],
  [
    'another job’s event as the newest',
    (backend) => set(backend, 'changed', (state) => ({ ...state, lastEventId: '1' })),
    [{ kind: 'field', jobId: 'changed', field: 'lastEventId', actual: '1' }],
  ],
  [
    'a job that moved to another user and status without an event',
    (backend) =>
      set(backend, 'changed', (state) => ({ ...state, job: { ...state.job, userId: 'x', status: 'failed' } as never })),
    [
      { kind: 'field', jobId: 'changed', field: 'status', actual: 'failed' },
      { kind: 'field', jobId: 'changed', field: 'userId', actual: 'x' },
      { kind: 'userIndex', jobId: 'changed', userId: 'user-1', actual: null },
      { kind: 'statusIndex', jobId: 'changed', userId: 'user-1', actual: null },
    ],
  ],
  [
    'a job that is gone',
    (backend) => set(backend, 'moved', () => null),
    [
      { kind: 'missingJob', jobId: 'moved', actual: null },
      { kind: 'userIndex', jobId: 'moved', actual: null },
      { kind: 'statusIndex', jobId: 'moved', actual: null },
      { kind: 'expiryIndex', jobId: 'moved', actual: null },
    ],
  ],
  [
    'a tombstone that is gone',
    (backend) => set(backend, 'deleted', () => null),
    [{ kind: 'missingJob', jobId: 'deleted', field: 'tombstone' }],
  ],
  [
    'a job that the log does not know',
    (backend) => set(backend, 'orphan', () => ({ job: aJob({ id: 'orphan' }), version: 1, lastEventId: '9999' })),
    [{ kind: 'orphanJob', jobId: 'orphan' }],
  ],
  [
    'a job that lives after its end',
    (backend) => set(backend, 'deleted', (state) => ({ ...state, job: aJob({ id: 'deleted' }) })),
    [{ kind: 'orphanJob', jobId: 'deleted' }],
  ],
  [
    'a count that is wrong',
    (backend) => backend.amendCounts(0, new Map([['queued', -3]])),
    [{ kind: 'statusCount', field: 'queued' }],
  ],
]

for (const [name, damage, expected] of DAMAGE) {
  test(`${name} is found, named and put right`, async () => {
    const backend = new MemoryBackend(Date.now, 'epoch')
    const store = new EventSourcedStore<AnyJob>(backend, { sweepIntervalMs: 0 })
    await createEveryHistory(store)
    const before = await pictureOf(store)
    await damage(backend)
    const { drift, driftCount, ok } = await store.verify()
    const found = drift.map((one, index) => pick(one, Object.keys(expected[index] ?? {})))
    assert.deepEqual(found, expected)
    assert.deepEqual([driftCount, ok], [expected.length, false])
    assert.ok((await store.rebuild()).repaired > 0)
    assert.deepEqual(await store.verify().then((report) => report.drift), [])
    assert.equal((await store.rebuild()).repaired, 0)
    assert.deepEqual(await pictureOf(store), before)
    await store.close()
  })
}

/** Writes a state that no event led to. */
async function set(
  backend: MemoryBackend,
  jobId: string,
  change: (state: JobState) => JobState | null,
): Promise<boolean[]> {
  const [audit] = await backend.audit(0, [{ jobId, eventId: null, place: null, isThin: false }], START)
  const live = audit?.live ?? null
  const state = change(live as unknown as JobState)
  return backend.reconcile(0, [{ jobId, seen: live?.lastEventId ?? null, state, events: [] }])
}

function pick(drift: Drift, fields: string[]): Partial<Drift> {
  return Object.fromEntries(Object.entries(drift).filter(([field]) => fields.includes(field)))
}

test.run()
