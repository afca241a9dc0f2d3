import * as assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import type { JobStore } from '../../src/contract.ts'
import { JobStoreError } from '../../src/core/errors.ts'
import type { JobEvent, JobRecord } from '../../src/core/event.ts'
import type { AnyJob } from './harness.ts'
import { aJob } from './jobs.ts'

/** The call rejects with the package's error of this code, and with these facts as its fields. */
export async function assertRejects(
  call: () => Promise<unknown>,
  code: string,
  facts: Record<string, unknown> = {},
): Promise<void> {
  const error = await errorOf(call)
  assert.ok(error instanceof JobStoreError, `expected ${code}, got ${String(error)}`)
  assert.strictEqual(error.code, code, `expected ${code}, got ${error.code}: ${error.message}`)
  const found = Object.fromEntries(Object.keys(facts).map((fact) => [fact, (error as unknown as AnyJob)[fact]]))
  assert.deepStrictEqual(found, facts)
}

/** The call rejects with a TypeError whose message names the argument. */
export async function assertTypeError(call: () => Promise<unknown>, argument: string): Promise<void> {
  const error = await errorOf(call)
  assert.ok(error instanceof TypeError, `expected a TypeError about ${argument}, got ${String(error)}`)
  assert.ok(error.message.startsWith(`${argument}:`), `expected ${argument} to be named: ${error.message}`)
}

/** What the call rejects with. It must be a rejection: a verb that throws while it is called is a trap for callers. */
async function errorOf(call: () => Promise<unknown>): Promise<unknown> {
  const promise = call()
  try {
    await promise
  } catch (error) {
    return error
  }
  return assert.fail('expected a rejection, and the call was fine')
}

export async function collect<E>(iterable: AsyncIterable<E>): Promise<E[]> {
  const all: E[] = []
  for await (const one of iterable) all.push(one)
  return all
}

/** The types of a job's events, oldest first. */
export async function typesOf(store: JobStore<AnyJob>, id: string): Promise<string[]> {
  return (await collect(store.history(id))).map((event) => event.type)
}

/** A job's newest event. */
export async function newestOf(store: JobStore<AnyJob>, id: string): Promise<JobEvent<AnyJob>> {
  return (await collect(store.history(id))).at(-1) ?? assert.fail(`${id} has no event`)
}

/** Everything that a store shows: equal before and after means that nothing was written. */
export async function pictureOf(store: JobStore<AnyJob>): Promise<object> {
  const stats = await store.stats()
  const events = await collect(store.events())
  const records = new Map<string, JobRecord<AnyJob> | null>()
  const users = new Map<string, unknown>()
  for (const { jobId, userId } of events) {
    records.set(jobId, await store.findRecord(jobId))
    users.set(userId, [await store.countByUserId(userId), await store.findByUserId(userId, { limit: 1000 })])
  }
  return { stats, events, records, users }
}

/** The call rejects with this error and changes nothing that a store shows. */
export async function assertWritesNothing(
  store: JobStore<AnyJob>,
  call: () => Promise<unknown>,
  code: string,
  facts: Record<string, unknown> = {},
): Promise<void> {
  const before = await pictureOf(store)
  await assertRejects(call, code, facts)
  assert.deepStrictEqual(await pictureOf(store), before)
}

/** The store's clock, which is not always this process's: what a status stamps. Leaves two events of another user. */
export async function storeNow(store: JobStore<AnyJob>): Promise<number> {
  const id = `clock-${randomUUID()}`
  await store.create(aJob({ id, userId: 'clock' }))
  const stamped = await store.updateStatus(id, 'queued')
  await store.delete(id)
  return stamped?.queuedAt?.getTime() ?? assert.fail('the store did not stamp queuedAt')
}
