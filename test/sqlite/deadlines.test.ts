import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { StoreUnavailableError } from '../../src/core/errors.ts'
import { connect, loadDriver } from '../../src/sqlite/driver.ts'
import { aJob } from '../contract/jobs.ts'
import { newBackend, storeOver, withPath, withWriteLock } from './support/stores.ts'

const test = suite('deadlines of calls on SQLite')

const BUSY_TIMEOUT_MS = 1000

/** More than leave together: they go in six batches. */
const CALLS = 1500

test(
  'calls in any number end together while another program holds the lock, and none is applied later',
  withPath(async (path) => {
    const store = storeOver(newBackend(path, { busyTimeoutMs: BUSY_TIMEOUT_MS }))
    await store.create(aJob())
    await withWriteLock(path, async () => {
      const start = performance.now()
      await assertAllRejected(times(CALLS).map((percent) => store.updateProgress('job-1', { percent: percent % 100 })))
      assertOneTimeout(start)
    })
    await store.updateProgress('job-1', { percent: 5 })
    assert.equal((await store.findRecord('job-1'))?.version, 2)
    await store.close()
  }),
)

test(
  'calls in any number end together while another program keeps the file from being opened, and go on once it does not',
  withPath(async (path) => {
    const first = storeOver(newBackend(path))
    await first.create(aJob())
    await first.close()
    const store = storeOver(newBackend(path, { busyTimeoutMs: BUSY_TIMEOUT_MS }))
    await withWholeFile(path, async () => {
      const start = performance.now()
      await assertAllRejected([
        ...times(CALLS).map((percent) => store.updateProgress('job-1', { percent: percent % 100 })),
        ...times(CALLS).map((id) => store.findById(`job-${id}`)),
        store.countByUserId('user-1'),
      ])
      assertOneTimeout(start)
    })
    assert.equal((await store.findRecord('job-1'))?.version, 1)
    await store.updateProgress('job-1', { percent: 5 })
    await store.close()
  }),
)

test(
  'a process that stood still for longer than calls wait makes them nevertheless',
  withPath(async (path) => {
    const store = storeOver(newBackend(path, { busyTimeoutMs: 20 }))
    await store.create(aJob())
    const calls = times(CALLS).map((percent) => store.updateProgress('job-1', { percent: percent % 100 }))
    const reads = times(CALLS).map(() => store.findById('job-1'))
    standStill(60)
    setTimeout(standStill, 0, 60)
    await Promise.all([...calls, ...reads])
    assert.equal((await store.findRecord('job-1'))?.version, 1 + CALLS)
    await store.close()
  }),
)

function times(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

async function assertAllRejected(calls: Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(calls)) {
    assert.equal(outcome.status, 'rejected')
    assert.ok(outcome.reason instanceof StoreUnavailableError, String(outcome.reason))
    assert.equal(outcome.reason.outcome, 'rejected')
  }
}

/** Far from two of them even on a busy machine: batch by batch it would be six. */
function assertOneTimeout(start: number): void {
  const ms = performance.now() - start
  assert.ok(ms >= BUSY_TIMEOUT_MS, `they were given up after ${ms} ms`)
  assert.ok(ms < 4 * BUSY_TIMEOUT_MS, `they took ${ms} ms`)
}

/** Lets nobody else open the file, as a program that backs it up may. */
async function withWholeFile(path: string, body: () => Promise<void>): Promise<void> {
  const connection = connect(loadDriver(), path, 0)
  connection.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT')
  try {
    await body()
  } finally {
    connection.close()
  }
}

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test.run()
