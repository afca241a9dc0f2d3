import type { AsOf, EventQuery } from '../../src/core/event.ts'
import type { AnyJob } from '../contract/harness.ts'
import { textOf } from '../contract/jobs.ts'
import type { Options, Query } from './calls.ts'

/** Updates that no job takes; and what no job can be created with, but for the last two. */
export const BAD_UPDATES = [
  { status: 'no such status' },
  { progress: { percent: 101 } },
  { progress: 50 },
  { retryCount: -1 },
  { maxRetries: 0.5 },
  { createdAt: 5 },
  { expiresAt: new Date(Number.NaN) },
  { expiresAt: undefined },
  { userId: '' },
  { userId: textOf(513) },
  { error: { code: 5 } },
  { note: (): void => {} },
  { note: [1, { deep: undefined }] },
  { note: 2n ** 64n },
  { note: 'lone \ud800' },
  { 'lone \ud800': 1 },
  JSON.parse('{"__proto__": 1}'),
  JSON.parse('{"note": {"__proto__": 1}}'),
  { [Symbol('hidden')]: 1 },
  { id: 'another' },
  null,
] as Partial<AnyJob>[]

/** What can't stand beside a command, in another of the command's words. */
export const BAD_OPTIONS = [
  5,
  { expectedVersion: -1 },
  { expectedVersion: 1.5 },
  { commandId: '' },
  { commandId: textOf(513) },
  { meta: null },
  { meta: { at: (): void => {} } },
] as Options[]

/** Ids that there can't be: no error where one only asks. */
export const IMPOSSIBLE_IDS = ['', textOf(513), 'lone \ud800'] as const

/** Questions that are none. */
export const BAD_QUERIES: Query[] = [
  { verb: 'findById', id: 5 as unknown as string },
  { verb: 'history', id: null as unknown as string },
  { verb: 'countByStatus', status: 'no such status' },
  { verb: 'countByUserId', userId: 5 as unknown as string },
  { verb: 'findByUserId', userId: 'a', options: { limit: -1 } },
  { verb: 'findByUserId', userId: 'a', options: { offset: 0.5 } },
  { verb: 'findByUserId', userId: 'a', options: { status: 'no such status' } },
  { verb: 'listByUserId', userId: 'a', options: { after: 'no page' } },
  { verb: 'events', query: { after: 'no cursor' } },
  { verb: 'events', query: { after: '1.aaaa.0_0' } },
  { verb: 'events', query: { types: 'created' } as unknown as EventQuery },
  { verb: 'findByIdAsOf', id: 'a', asOf: { version: -1 } },
  { verb: 'findByIdAsOf', id: 'a', asOf: 5 as unknown as Exclude<AsOf, { eventId: string }> },
  { verb: 'purgeExpired', limit: -1 },
]
