import * as fc from 'fast-check'

import type { JobEvent } from '../../../src/core/event.ts'
import { aFullJob, aJob } from '../../contract/jobs.ts'
import type { AnyJob } from '../../contract/harness.ts'

const text = fc.string({ unit: 'binary', maxLength: 12 })

/** Names as users give them, marks and their escapes among them. */
const name = fc
  .oneof(text, fc.constantFrom('$date', '$$date', '$bytes', '$bigint', '$number', '$', '$$', 'constructor', 'toJSON'))
  .filter((own) => own !== '__proto__')

const date = fc.date({ noInvalidDate: true })

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, Infinity, Number.NaN, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53 + 2),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  text,
  date,
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
)

/** Every value that a store keeps. */
export const storable: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'storable' },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

const own = fc.dictionary(name, storable, { maxKeys: 4, noNullPrototype: true })

const id = text.filter((given) => given.length > 0)

/** One event of any kind, as a store hands it out, its cursor apart. */
export const event: fc.Arbitrary<JobEvent<AnyJob>> = fc
  .record({
    id: fc.stringMatching(/^[\d-]{1,20}$/),
    type: fc.constantFrom('created', 'updated', 'statusChanged', 'progressed', 'deleted', 'expired', 'snapshotted'),
    jobId: id,
    userId: id,
    version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    previous: fc.option(id),
    at: date,
    removed: fc.array(name, { maxLength: 3 }),
    meta: fc.option(own),
    own,
  })
  .map(({ own: fields, ...rest }) => ({ ...rest, cursor: '', data: dataOf(rest, fields) })) as fc.Arbitrary<
  JobEvent<AnyJob>
>

function dataOf(given: { type: string; jobId: string; userId: string }, fields: object): object {
  switch (given.type) {
    case 'created':
      return { ...fields, ...aFullJob({ id: given.jobId, userId: given.userId }) }
    case 'snapshotted':
      return { ...fields, ...aJob({ id: given.jobId, userId: given.userId }) }
    case 'updated':
      return { ...fields, userId: given.userId, expiresAt: new Date(0) }
    case 'statusChanged':
      return { status: 'an own one', startedAt: new Date(1) }
    case 'progressed':
      return { progress: { ...fields, percent: 12.5 } }
    default:
      return {}
  }
}
