import * as assert from 'node:assert/strict'

import { JobStoreError } from '../../src/core/errors.ts'
import type { JobEvent, JobRecord } from '../../src/core/event.ts'
import { STAMP_FIELDS } from '../../src/core/job.ts'
import type { AnyJob } from '../contract/harness.ts'
import type { Command, Query } from './calls.ts'

/** The sequences' own dates are years away from now: what is near was stamped by a store. */
const DAY_MS = 86_400_000

/** A job without what two stores can't agree on: the moment at which each of them stamped it. */
export function comparableJob(job: AnyJob | null): object | null {
  return job === null ? null : unstamped(job, 'by the store')
}

/** A record without its ids. */
export function comparableRecord(record: JobRecord<AnyJob> | null): object | null {
  if (record === null) return null
  assert.strictEqual(typeof record.lastEventId, 'string')
  return { version: record.version, job: comparableJob(record.job) }
}

/** An event without ids and times; a stamp must be the event's own time, but for a snapshot, which stamped nothing. */
export function comparableEvent(event: JobEvent<AnyJob>): object {
  const { type, jobId, userId, version, removed, meta } = event
  const data = unstamped(event.data, type === 'snapshotted' ? 'by the store' : 'at the event')
  for (const field of STAMP_FIELDS)
    if (data[field] === 'at the event') assert.deepStrictEqual(event.data[field], event.at, `${field} of an event`)
  assert.ok(Math.abs(event.at.getTime() - Date.now()) < DAY_MS, `an event of ${event.at.toISOString()}`)
  return { type, jobId, userId, version, isFirst: event.previous === null, data, removed, meta }
}

/**
 * What stores that split their log differently must agree on once it was compacted: a snapshot that nothing follows stays,
 * and what follows it is a matter of the partition. So lengths differ by snapshots, and with them where a gap is.
 */
export function comparableAfterCompaction(call: Command | Query, answer: unknown): unknown {
  if (['stats', 'verify', 'rebuild'].includes(call.verb)) return { ...(answer as object), events: 'of its own' }
  return call.verb === 'compact' ? 'of its own' : answer
}

/** Events job by job, since only the order of each job's is promised. */
export function comparableLog(events: readonly JobEvent<AnyJob>[]): Map<string, object[]> {
  const byJob = new Map<string, object[]>()
  for (const event of events) byJob.set(event.jobId, [...(byJob.get(event.jobId) ?? []), comparableEvent(event)])
  return byJob
}

/** What two stores must agree on when they refuse: code and facts. */
export function comparableError(error: unknown): object {
  if (error instanceof JobStoreError) {
    const { name: _name, stack: _stack, message: _message, cause: _cause, ...facts } = error as JobStoreError & AnyJob
    // Where what is left begins is a time of the store's own, or a cursor.
    return { rejected: error.code, facts: 'oldest' in facts ? { ...facts, oldest: typeof facts['oldest'] } : facts }
  }
  if (error instanceof TypeError) return { rejected: 'TypeError', message: error.message }
  throw error
}

function unstamped(fields: Partial<AnyJob>, mark: string): Record<string, unknown> {
  const comparable: Record<string, unknown> = { ...fields }
  for (const field of STAMP_FIELDS) {
    const at = fields[field]
    if (at !== undefined && Math.abs(at.getTime() - Date.now()) < DAY_MS) comparable[field] = mark
  }
  return comparable
}
