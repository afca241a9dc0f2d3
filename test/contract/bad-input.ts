import * as assert from 'node:assert/strict'

import { InvalidConfigError } from '../../src/core/errors.ts'
import { assertWritesNothing } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob } from './jobs.ts'

const NOT_COUNTS = [-1, 0.5, Number.NaN, Infinity, '1', 1n, null, 2 ** 53]
const NOT_DATES = [Date.now(), '2024-01-01T00:00:00.000Z', null, new Date(Number.NaN), {}]
const NOT_OBJECTS = [null, 5, 'text', [], new Date(), new Map()]

/** What each field of a job must not be, and how the error names it. */
const BAD_FIELDS: [field: string, values: unknown[], path: string][] = [
  ['status', ['done', '', null, 5, ['queued']], 'status'],
  ['retryCount', NOT_COUNTS, 'retryCount'],
  ['maxRetries', NOT_COUNTS, 'maxRetries'],
  ['createdAt', NOT_DATES, 'createdAt'],
  ['expiresAt', NOT_DATES, 'expiresAt'],
  ['queuedAt', NOT_DATES, 'queuedAt'],
  ['startedAt', NOT_DATES, 'startedAt'],
  ['completedAt', NOT_DATES, 'completedAt'],
  ['progress', NOT_OBJECTS, 'progress'],
  ['error', NOT_OBJECTS, 'error'],
  ['error', [{ message: 'x' }, { code: 5, message: 'x' }], 'error.code'],
  ['error', [{ code: 'X' }, { code: 'X', message: null }], 'error.message'],
  ['webhook', NOT_OBJECTS, 'webhook'],
  ['webhook', [{}, { url: 5 }, { url: null }], 'webhook.url'],
]

const BAD_OPTIONS: [option: string, values: unknown[]][] = [
  [
    'statuses',
    [null, [], {}, 'pending', { '': null }, { ['x'.repeat(65)]: null }, { a: 'createdAt' }, { a: 5 }, { a: undefined }],
  ],
  ['transitions', [null, 'none', [], 5, { done: [] }, { queued: 'failed' }, { queued: ['done'] }, { queued: null }]],
  ['sweepIntervalMs', [-1, 0.5, Number.NaN, Infinity, '5', null, 2 ** 31]],
  ['maxEventBytes', [-1, 0, 0.5, Number.NaN, Infinity, '5', null]],
  ['archive', [null, 5, 'archive', {}, { append: () => {} }, { archivedHistory: 5, archivedLog: 5 }]],
  [
    'retention',
    [null, 5, {}, { keepMs: 0 }, { keepMs: -1 }, { keepMs: 0.5 }, { keepMs: '1000' }, { keepMs: 5, archive: 5 }],
  ],
  ['upcast', [null, 5, {}]],
]

export const badInput: Suite = (test) => {
  for (const [field, bad, path] of BAD_FIELDS) {
    test(`${path} that is none is refused by create and update, and named`, async (store) => {
      await store.create(aJob())
      for (const value of bad) {
        const update = (): Promise<unknown> => store.update('job-1', { [field]: value })
        await assertWritesNothing(store, update, 'INVALID_JOB', { field: path })
        const create = (): Promise<unknown> => store.create(aJob({ id: 'b', [field]: value }))
        await assertWritesNothing(store, create, 'INVALID_JOB', { field: path })
      }
    })
  }

  test('a job that is no plain object is refused', async (store) => {
    class Job {
      readonly id = 'b'
    }
    for (const job of [...NOT_OBJECTS, undefined, Object.assign(new Job(), aJob())])
      await assertWritesNothing(store, () => store.create(job as unknown as AnyJob), 'INVALID_JOB', { field: 'job' })
  })

  test('an option that is none is refused before anything is opened', async (_, open) => {
    const tryToOpen = (options: object) => (): unknown => open.again(options)
    for (const [option, bad] of BAD_OPTIONS) {
      for (const value of bad) {
        const naming = (error: unknown): boolean =>
          error instanceof InvalidConfigError && error.code === 'INVALID_CONFIG' && error.message.startsWith(option)
        assert.throws(tryToOpen({ [option]: value }), naming, `${option}: ${String(value)}`)
      }
    }
    const own = { statuses: { a: null }, transitions: 'guarded' }
    assert.throws(tryToOpen(own), { code: 'INVALID_CONFIG' }, 'guarded needs the default statuses')
    assert.throws(tryToOpen({ statuses: { a: null }, transitions: { pending: ['a'] } }), { code: 'INVALID_CONFIG' })
  })
}
