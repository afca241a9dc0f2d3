import assert from 'node:assert/strict'

import { suite } from 'uvu'

import * as errors from '../src/core/errors.ts'

const test = suite('Errors as programs make them')

type ErrorClass = new (message?: string, options?: ErrorOptions) => errors.JobStoreError

const CLASSES: [ErrorClass, code: string][] = [
  [errors.JobStoreError, 'JOB_STORE_ERROR'],
  [errors.JobAlreadyExistsError, 'JOB_ALREADY_EXISTS'],
  [errors.InvalidJobError, 'INVALID_JOB'],
  [errors.InvalidTransitionError, 'INVALID_TRANSITION'],
  [errors.VersionConflictError, 'VERSION_CONFLICT'],
  [errors.PayloadTooLargeError, 'PAYLOAD_TOO_LARGE'],
  [errors.InvalidCursorError, 'INVALID_CURSOR'],
  [errors.CursorGapError, 'CURSOR_GAP'],
  [errors.SlowConsumerError, 'SLOW_CONSUMER'],
  [errors.LogRewoundError, 'LOG_REWOUND'],
  [errors.CommandReusedError, 'COMMAND_REUSED'],
  [errors.HistoryTruncatedError, 'HISTORY_TRUNCATED'],
  [errors.ProjectionLostError, 'PROJECTION_LOST'],
  [errors.StoreUnavailableError, 'STORE_UNAVAILABLE'],
  [errors.NotDurableError, 'NOT_DURABLE'],
  [errors.StoreMismatchError, 'STORE_MISMATCH'],
  [errors.StoreClosedError, 'STORE_CLOSED'],
  [errors.InvalidConfigError, 'INVALID_CONFIG'],
  [errors.MigrationMismatchError, 'MIGRATION_MISMATCH'],
]

test('each is an Error with name, code, message and cause', () => {
  const cause = new Error('why')
  for (const [Class, code] of CLASSES) {
    const error = new Class('went wrong', { cause })
    assert.ok(error instanceof Error && error instanceof errors.JobStoreError && error instanceof Class)
    assert.deepEqual([error.name, error.code, error.cause], [Class.name, code, cause])
    assert.equal(error.message, 'went wrong')
    assert.match(error.stack ?? '', new RegExp(`^${Class.name}: `))
  }
})

test('none needs an argument, and none says undefined', () => {
  for (const [Class, code] of CLASSES) {
    const error = new Class()
    assert.deepEqual([error.code, 'cause' in error], [code, false])
    assert.doesNotMatch(error.message, /undefined|NaN|object/)
    for (const [name, value] of Object.entries(error)) assert.notEqual(value, undefined, `${code}: ${name}`)
  }
})

test('a class of its own may be made of each', () => {
  class Quota extends errors.JobStoreError {
    override readonly code = 'QUOTA'

    constructor() {
      super('over quota')
    }
  }
  const { name, code, message } = new Quota()
  assert.deepEqual([name, code, message], ['Quota', 'QUOTA', 'over quota'])
  for (const [Class, code_] of CLASSES) assert.equal(new (class Own extends Class {})('x').code, code_)
})

test('the facts that the store makes them of are in message and fields', () => {
  const conflict = errors.VersionConflictError.of('j', 1, 2)
  assert.deepEqual([conflict.expected, conflict.actual], [1, 2])
  assert.match(conflict.message, /"j" is at version 2, not at the expected 1/)
  const invalid = errors.InvalidJobError.of('status', 'a status', undefined).within('line 3')
  assert.deepEqual([invalid.field, invalid.message], ['status', 'line 3: status: expected a status, got undefined.'])
  const mismatch = errors.StoreMismatchError.of('events', 0, 5)
  assert.match(mismatch.message, /holds events 5, and this program was told 0/)
  const short = errors.NotDurableError.of(0, 2, 100)
  assert.deepEqual([short.acknowledged, short.wanted], [0, 2])
  const coded = new errors.JobStoreError('NO_STORE', 'none', { cause: 5 })
  assert.deepEqual([coded.code, coded.message, coded.cause], ['NO_STORE', 'none', 5])
})

test.run()
