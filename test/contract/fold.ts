import * as assert from 'node:assert/strict'
import { inspect } from 'node:util'

import type { JobStore } from '../../src/contract.ts'
import type { JobEvent, JobRecord } from '../../src/core/event.ts'
import { evolve, type JobState } from '../../src/core/evolve.ts'
import type { JobCore } from '../../src/core/job.ts'
import { compareBytes } from '../../src/core/order.ts'

/** Past this many events a test is about quantity, and is left in peace. */
const MAX_EVENTS = 2000

/**
 * The promise that all others stand on: jobs, lists and counts are the fold of the log by core/evolve, the versions of a
 * job are 1, 2, 3, …, each event names the one before it, and times never go back. Where a compaction has been, the first
 * of them may be missing, and a snapshot has the version of the event before it.
 */
export async function assertStateIsFold<T extends JobCore>(store: JobStore<T>, maxEvents = MAX_EVENTS): Promise<void> {
  const { events, byStatus } = await store.stats()
  if (events > maxEvents) return
  const states = await foldLog(store)
  const live = [...states.values()].filter((state): state is JobRecord<JobCore> => state.job !== null)

  for (const [id, state] of states) {
    const found = await store.findRecord(id)
    const expected = state.job === null ? null : state
    if (found?.lastEventId === expected?.lastEventId)
      assert.deepStrictEqual(found, expected, `the record of ${JSON.stringify(id)}`)
    else await assertIsAtSnapshot(store, id, found, expected)
  }
  for (const userId of new Set(live.map((state) => state.job.userId))) {
    const expected = live.map((state) => state.job).filter((job) => job.userId === userId)
    expected.sort(
      (left, right) => right.createdAt.getTime() - left.createdAt.getTime() || compareBytes(right.id, left.id),
    )
    assert.deepStrictEqual(await store.findByUserId(userId, { limit: live.length + 1 }), expected)
    assert.strictEqual(await store.countByUserId(userId), expected.length)
  }
  for (const status of Object.keys(byStatus)) {
    const expected = live.filter((state) => state.job.status === status).length
    assert.strictEqual(await store.countByStatus(status), expected, `the count of ${status}`)
  }
}

/** Every job that the log knows, as its events leave it. Checks the links between the events on the way. */
async function foldLog<T extends JobCore>(store: JobStore<T>): Promise<Map<string, JobState>> {
  const states = new Map<string, JobState>()
  const times = new Map<string, number>()
  for await (const event of store.events()) {
    const before = states.get(event.jobId) ?? null
    assertFollows(before, times.get(event.jobId) ?? -Infinity, event)
    states.set(event.jobId, evolve(before, event))
    times.set(event.jobId, event.at.getTime())
  }
  return states
}

/** A record's newest event may be a snapshot that readers are spared, since what it stands for is still to be read. */
async function assertIsAtSnapshot<T extends JobCore>(
  store: JobStore<T>,
  id: string,
  found: JobRecord<T> | null,
  expected: JobState | null,
): Promise<void> {
  const what = `the record of ${JSON.stringify(id)}`
  assert.ok(found !== null && expected !== null, `${what}: ${inspect({ found, expected })}`)
  assert.deepStrictEqual([found.version, found.job], [expected.version, expected.job], what)
  const then = await store.findByIdAsOf(id, { eventId: found.lastEventId })
  assert.deepStrictEqual(then, found.job, `${what} at its newest event`)
}

function assertFollows<T extends JobCore>(before: JobState | null, beforeMs: number, event: JobEvent<T>): void {
  const named = `event ${event.id} (${event.type}) of ${JSON.stringify(event.jobId)}`
  const isBeginning = event.version === 1 && event.previous === null
  if (before === null && !isBeginning)
    assert.ok(event.version > 1 || event.type === 'snapshotted', `the version of ${named}, before which some are gone`)
  else if (before?.job === null && event.previous === null)
    assert.strictEqual(event.version, 1, `the version of ${named}, whose job was forgotten`)
  else {
    const added = event.type === 'snapshotted' ? 0 : 1
    assert.strictEqual(event.version, (before?.version ?? 0) + added, `the version of ${named}`)
    assert.strictEqual(event.previous, before?.lastEventId ?? null, `what comes before ${named}`)
  }
  assert.ok(event.at.getTime() >= beforeMs, `${named} is earlier than the one before it`)
}
