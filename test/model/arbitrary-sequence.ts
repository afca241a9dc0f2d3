import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'

import { isId } from '../../src/core/check.ts'
import { formatPage } from '../../src/core/cursor.ts'
import type { JobEventType } from '../../src/core/event.ts'
import type { StoreOptions } from '../../src/options.ts'
import type { AnyJob } from '../contract/harness.ts'
import { HOSTILE } from '../contract/identifiers.ts'
import {
  createdAt,
  expiresAt,
  meta,
  optionalFields,
  optionalUpdates,
  ownFields,
  ownUpdates,
  progress,
  storable,
} from './arbitrary-values.ts'
import { BAD_OPTIONS, BAD_QUERIES, BAD_UPDATES, IMPOSSIBLE_IDS } from './bad-calls.ts'
import type { Again, Command, Cut, Options, Query, Sequence, Step } from './calls.ts'

const MAX_STEPS = 40
const TYPES: JobEventType[] = ['created', 'updated', 'statusChanged', 'progressed', 'deleted', 'expired']

/** The few jobs and users that one sequence is about, and the store that they are in. */
interface Cast {
  ids: string[]
  userIds: string[]
  options: StoreOptions
}

const identifier = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e') },
  { weight: 2, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 9 }).filter(isId) },
)

const storeOptions: Arbitrary<StoreOptions> = fc.constantFrom<StoreOptions>(
  {},
  {},
  { maxEventBytes: 1024 },
  { transitions: 'guarded' },
  {
    statuses: { new: null, 'run:ning': 'startedAt', é: 'queuedAt', done: 'completedAt' },
    transitions: { new: ['run:ning', 'é'], 'run:ning': ['done'], done: ['new'] },
  },
)

const cast: Arbitrary<Cast> = fc.record({
  ids: fc.uniqueArray(identifier, { minLength: 2, maxLength: 5 }),
  userIds: fc.uniqueArray(identifier, { minLength: 1, maxLength: 3 }),
  options: storeOptions,
})

/** Random sequences of every command and every query, on few jobs, so that the calls meet. */
export const sequence: Arbitrary<Sequence> = cast.chain((chosen) =>
  fc.record({
    options: fc.constant(chosen.options),
    steps: fc.array(stepOf(chosen), { minLength: 1, maxLength: MAX_STEPS, size: 'max' }),
  }),
)

function stepOf(chosen: Cast): Arbitrary<Step> {
  const command = commandOf(chosen)
  const given = fc.oneof({ weight: 9, arbitrary: command }, { weight: 1, arbitrary: again })
  const query = queryOf(chosen)
  const look = fc.record({ verb: fc.constant('findById' as const), id: fc.constantFrom(...chosen.ids) })
  const together = fc.oneof({ weight: 4, arbitrary: given }, { weight: 1, arbitrary: look })
  return fc.record({
    via: fc.constantFrom(0 as const, 1 as const),
    calls: fc.oneof(
      { weight: 30, arbitrary: given.map((call) => [call]) },
      { weight: 20, arbitrary: query.map((call) => [call]) },
      { weight: 10, arbitrary: fc.array(together, { minLength: 2, maxLength: 9, size: 'max' }) },
      // More than any backend takes in one batch.
      { weight: 1, arbitrary: fc.tuple(command, fc.nat(300)).map(([call, times]) => Array(times + 1).fill(call)) },
    ),
  })
}

const again: Arbitrary<Again> = fc.record({ verb: fc.constant('again' as const), back: fc.nat(12) })

const options: Arbitrary<Options> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 6, arbitrary: withoutUndefined(fc.record({ commandId: commandIds(), meta })) },
  {
    weight: 3,
    arbitrary: withoutUndefined(fc.record({ near: fc.constantFrom(0, 0, 0, 1, -1, 2), commandId: commandIds(), meta })),
  },
  { weight: 1, arbitrary: fc.constantFrom(...BAD_OPTIONS) },
)

function commandIds(): Arbitrary<string | undefined> {
  return fc.option(fc.constantFrom('c-1', 'c-2', 'c-3', ':\u0000 é'), { nil: undefined, freq: 2 })
}

function withoutUndefined(given: Arbitrary<object>): Arbitrary<Options> {
  return given.map((each) => Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)))
}

function commandOf(chosen: Cast): Arbitrary<Command> {
  const id = fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...chosen.ids) },
    { weight: 1, arbitrary: fc.constantFrom(...IMPOSSIBLE_IDS) },
  )
  const userId = fc.constantFrom(...chosen.userIds)
  const status = fc.constantFrom(...statusesOf(chosen))
  return fc.oneof(
    { weight: 5, arbitrary: fc.record({ verb: fc.constant('create' as const), job: jobOf(chosen), options }) },
    {
      weight: 7,
      arbitrary: fc.record({ verb: fc.constant('update' as const), id, updates: updatesOf(userId, status), options }),
    },
    { weight: 4, arbitrary: fc.record({ verb: fc.constant('updateStatus' as const), id, status, options }) },
    { weight: 3, arbitrary: fc.record({ verb: fc.constant('updateProgress' as const), id, progress, options }) },
    { weight: 2, arbitrary: fc.record({ verb: fc.constant('delete' as const), id, options }) },
  )
}

function jobOf(chosen: Cast): Arbitrary<AnyJob> {
  const core = fc.record({
    id: fc.constantFrom(...chosen.ids),
    userId: fc.constantFrom(...chosen.userIds),
    status: fc.constantFrom(...statusesOf(chosen)),
    progress,
    retryCount: fc.nat(3),
    maxRetries: fc.constant(3),
    createdAt,
    expiresAt,
  })
  const large = fc.constant({ big: 'x'.repeat(1100) })
  const bad = fc.constantFrom(...BAD_UPDATES.slice(0, -2))
  const extra = fc.oneof({ weight: 20, arbitrary: fc.constant({}) }, large, bad) as Arbitrary<object>
  return fc.tuple(ownFields, optionalFields, core, extra).map(spread) as Arbitrary<AnyJob>
}

function updatesOf(userId: Arbitrary<string>, status: Arbitrary<string>): Arbitrary<Partial<AnyJob>> {
  const moves = fc.record({ userId, status, createdAt, expiresAt }, { requiredKeys: [] })
  const none = fc.constant({})
  const parts = fc.tuple(
    ownUpdates,
    fc.oneof({ weight: 2, arbitrary: none }, moves),
    fc.oneof({ weight: 2, arbitrary: none }, optionalUpdates),
    fc.oneof({ weight: 4, arbitrary: none }, fc.record({ progress }), fc.record({ big: storable })),
  )
  return fc.oneof(
    { weight: 15, arbitrary: parts.map(spread) },
    { weight: 1, arbitrary: fc.constantFrom(...BAD_UPDATES) },
  )
}

function queryOf(chosen: Cast): Arbitrary<Query> {
  const id = fc.constantFrom(...chosen.ids)
  const userId = fc.constantFrom(...chosen.userIds)
  const status = fc.constantFrom(...statusesOf(chosen))
  const limit = fc.constantFrom(0, 1, 2, 3, 50)
  const after = fc.record({ createdAtMs: createdAt.map((at) => at.getTime()), id }).map(formatPage)
  const types = fc.subarray(TYPES)
  const asOf = fc.oneof(
    fc.record({ version: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.nat(12)) }),
    fc.record({ eventIndex: fc.nat(12) }),
    fc.constantFrom(new Date(0), new Date('2099-01-01'), new Date('9000-01-01')),
  )
  const query = fc.record({ jobId: id, userId, types }, { requiredKeys: [] })
  const list = fc.record({ status, limit, offset: fc.nat(4) }, { requiredKeys: [] })
  const page = fc.record({ status, limit, after }, { requiredKeys: [] })
  const pages = fc.record({ status, limit: fc.constantFrom(1, 2, 3) }, { requiredKeys: ['limit'] })
  return fc.oneof(
    fc.record({ verb: fc.constant('findById' as const), id }),
    fc.record({ verb: fc.constant('findById' as const), id: fc.constantFrom(...IMPOSSIBLE_IDS) }),
    fc.record({ verb: fc.constant('findRecord' as const), id }),
    fc.record({ verb: fc.constant('findByUserId' as const), userId, options: list }),
    fc.record({ verb: fc.constant('listByUserId' as const), userId, options: page }),
    fc.record({ verb: fc.constant('listAllByUserId' as const), userId, options: pages }),
    fc.record({ verb: fc.constant('countByUserId' as const), userId }),
    fc.record({ verb: fc.constant('countByStatus' as const), status }),
    fc.record({ verb: fc.constant('findByIdAsOf' as const), id, asOf }),
    fc.record({ verb: fc.constant('history' as const), id }),
    fc.record({ verb: fc.constant('events' as const), query }),
    fc.record({ verb: fc.constant('eventsAfter' as const), query, eventIndex: fc.nat(30) }),
    fc.constant({ verb: 'stats' as const }),
    fc.record({ verb: fc.constant('purgeExpired' as const), limit: fc.constantFrom(0, 1, 2, 100) }),
    fc.constantFrom<Query>({ verb: 'verify' }, { verb: 'rebuild' }),
    fc.record({
      verb: fc.constant('compact' as const),
      before: fc.constantFrom<Cut>('everything', 'everything', 'nothing'),
    }),
    fc.constant({ verb: 'eventsOfLateReader' as const }),
    fc.constantFrom(...BAD_QUERIES),
  )
}

function statusesOf({ options: { statuses } }: Cast): string[] {
  const fallback = ['pending', 'queued', 'processing', 'completed', 'failed', 'cancelled']
  return statuses === undefined ? fallback : Object.keys(statuses)
}

/** One object of several. (Object.assign would take a field named `__proto__` for the prototype.) */
function spread(parts: readonly object[]): Partial<AnyJob> {
  return parts.reduce((whole, part) => ({ ...whole, ...part }), {})
}
