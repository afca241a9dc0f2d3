import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'

import type { JobProgress } from '../../src/core/job.ts'
import type { AnyJob } from '../contract/harness.ts'
import { textOf } from '../contract/jobs.ts'
import { STORABLE, STRANGE_NAMES } from '../contract/storable.ts'

/** Far enough from now that no store's clock can matter: jobs are there for long, or were never. */
const LATER = [new Date('2100-01-01'), new Date('9999-12-31'), new Date('+012000-06-01'), new Date(8.64e15)]
const EARLIER = [new Date('2001-01-01'), new Date('1960-01-01'), new Date('-000300-01-01'), new Date(0)]

/** Few, so that jobs often share one. */
const CREATED = [0, 1, 2, -1, 1_600_000_000_000, 1_600_000_000_001, 8.64e15, -8.64e15].map((ms) => new Date(ms))

/** Times that nobody can take for a stamp. */
const STAMPS = [0, 5, -62_198_755_200_001, 1_600_000_000_000].map((ms) => new Date(ms))

/** Some of each kind, but those that are long. */
const SHORT_STORABLE = STORABLE.filter(([name]) => !/long|buffers|deep/.test(name)).map(([, value]) => value)

/** Names of own fields: few, so that they are set, changed and removed again. */
const NAMES = ['note', 'big', 'list', '@event', '@base', '@', 'result', 'then', 'constructor', 'version', '0', '']

export const createdAt: Arbitrary<Date> = fc.constantFrom(...CREATED)

/** Mostly a job that stays; sometimes one that has expired before it begins. */
export const expiresAt: Arbitrary<Date> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...LATER) },
  { weight: 1, arbitrary: fc.constantFrom(...EARLIER) },
)

const text = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('2024-01-01T00:00:00.000Z', '-1', '\u00c1@', '@', '0-1', '(', ' '),
  fc.integer({ min: 55, max: 140 }).map((bytes) => textOf(bytes, 'é')),
)

const leaf = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 60, max: 300 }).map((bytes) => Buffer.alloc(bytes, 0xc1)),
)

/** Anything that can be stored, small or over the 64 bytes that Redis keeps in a job's hash. */
export const storable: Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 1, arbitrary: fc.constantFrom(...SHORT_STORABLE) },
  { weight: 1, arbitrary: fc.array(leaf, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', '@c', 'toJSON'), leaf, { maxKeys: 3 }) },
  {
    weight: 1,
    arbitrary: fc.record({ deep: fc.array(fc.dictionary(fc.constantFrom('at', 'then'), leaf), { maxLength: 2 }) }),
  },
)

const name = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.constantFrom(...STRANGE_NAMES.filter((each) => !['id', 'userId'].includes(each))) },
)

/** Own fields of a job. */
export const ownFields: Arbitrary<Record<string, unknown>> = fc.dictionary(name, storable, { maxKeys: 5 })

/** Own fields to set, and some to remove. */
export const ownUpdates: Arbitrary<Record<string, unknown>> = fc.dictionary(
  name,
  fc.option(storable, { nil: undefined, freq: 2 }),
  { maxKeys: 4 },
)

export const progress: Arbitrary<JobProgress> = fc.record(
  { percent: fc.integer({ min: 0, max: 100 }), stage: text, frames: leaf },
  { requiredKeys: ['percent'] },
)

const stamp = fc.constantFrom(...STAMPS)
const error = fc.record({ code: text, message: text, details: leaf }, { requiredKeys: ['code', 'message'] })

/** Fields that a job need not have. */
export const optionalFields: Arbitrary<Partial<AnyJob>> = fc.record(
  { result: storable, error, webhook: fc.record({ url: text }), queuedAt: stamp, startedAt: stamp, completedAt: stamp },
  { requiredKeys: [] },
) as Arbitrary<Partial<AnyJob>>

/** Optional fields to set or remove. */
export const optionalUpdates: Arbitrary<Partial<AnyJob>> = fc.record(
  {
    error: fc.option(error, { nil: undefined }),
    queuedAt: fc.option(stamp, { nil: undefined }),
    startedAt: fc.option(stamp, { nil: undefined }),
    completedAt: fc.option(stamp, { nil: undefined }),
    retryCount: fc.nat(9),
  },
  { requiredKeys: [] },
) as Arbitrary<Partial<AnyJob>>

/** Mostly nothing; beside most commands stands nothing for the audit trail. */
export const meta: Arbitrary<Record<string, unknown> | undefined> = fc.option(
  fc.dictionary(fc.constantFrom('actor', 'reason', '@', 'x'), storable, { maxKeys: 2 }),
  { nil: undefined, freq: 2 },
)
