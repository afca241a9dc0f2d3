import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import { HistoryTruncatedError } from '../../src/core/errors.ts'
import type { AsOf, EventQuery, JobEvent } from '../../src/core/event.ts'
import { collect } from './assertions.ts'
import type { AnyJob } from './harness.ts'

type Event = JobEvent<AnyJob>

/** A question about a job's past, and the answer. */
export interface Answer {
  id: string
  asOf: AsOf
  job: AnyJob | null
}

/** What a store says of some jobs after each of some events, by version, id and time, and just before each. */
export async function answersOf(store: JobStore<AnyJob>, events: readonly Event[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const { jobId: id, version, id: eventId, at } of events)
    for (const asOf of [{ version }, { eventId }, at, new Date(at.getTime() - 1)])
      answers.push({ id, asOf, job: await store.findByIdAsOf(id, asOf) })
  return answers
}

/** The store still says the same. */
export async function assertAnswers(store: JobStore<AnyJob>, answers: readonly Answer[]): Promise<void> {
  for (const { id, asOf, job } of answers)
    assert.deepStrictEqual(await store.findByIdAsOf(id, asOf), job, `${id} as of ${textOf(asOf)}`)
}

/**
 * The store says the same, or that it can't: then with a time at which it can.
 * @returns how often it could not
 */
export async function countTruncated(store: JobStore<AnyJob>, answers: readonly Answer[]): Promise<number> {
  let truncated = 0
  for (const { id, asOf, job } of answers) {
    try {
      assert.deepStrictEqual(await store.findByIdAsOf(id, asOf), job, `${id} as of ${textOf(asOf)}`)
    } catch (error) {
      if (!(error instanceof HistoryTruncatedError)) throw error
      assert.ok(error.oldest instanceof Date)
      if (asOf instanceof Date) assert.ok(error.oldest > asOf, `${id} as of ${textOf(asOf)} can be told from before`)
      await store.findByIdAsOf(id, error.oldest)
      truncated++
    }
  }
  return truncated
}

/** Everything that can be read of a log: whole, by each kind of query, after every third cursor, and each job's history. */
export interface Reading {
  queries: [EventQuery, Event[]][]
  histories: Map<string, Event[]>
  answers: Answer[]
}

/** @param wantsAnswers also of the past, which must then be there */
export async function readEverything(store: JobStore<AnyJob>, wantsAnswers = true): Promise<Reading> {
  const log = await collect(store.events())
  const jobIds = [...new Set(log.map(({ jobId }) => jobId))]
  const userIds = [...new Set(log.map(({ userId }) => userId))]
  const filters: EventQuery[] = [
    {},
    ...jobIds.map((jobId) => ({ jobId })),
    ...userIds.map((userId) => ({ userId })),
    { types: ['created'] },
    { types: ['deleted', 'expired'] },
    { jobId: jobIds[0] ?? '', types: ['created', 'progressed'] },
  ]
  const cursors = log.filter((_, index) => index % 45 === 0 || index === log.length - 1).map(({ cursor }) => cursor)
  const asked: EventQuery[] = [
    ...filters,
    ...log.filter((_, index) => index % 3 === 0).map(({ cursor }) => ({ after: cursor })),
    ...cursors.flatMap((after) => filters.map((filter) => ({ ...filter, after }))),
  ]
  const queries: Reading['queries'] = []
  for (const query of asked) queries.push([query, await collect(store.events(query))])
  const histories = new Map<string, Event[]>()
  for (const id of jobIds) histories.set(id, await collect(store.history(id)))
  return { queries, histories, answers: wantsAnswers ? await answersOf(store, log) : [] }
}

/** The store reads exactly as it did. */
export async function assertReads(store: JobStore<AnyJob>, { queries, histories, answers }: Reading): Promise<void> {
  for (const [query, events] of queries)
    assert.deepStrictEqual(await collect(store.events(query)), events, `events(${JSON.stringify(query)})`)
  for (const [id, events] of histories)
    assert.deepStrictEqual(await collect(store.history(id)), events, `the history of ${id}`)
  await assertAnswers(store, answers)
}

/** The same events, though their cursors may be written in another way, and each goes on where it should. */
export async function assertReadsOn(store: JobStore<AnyJob>, { queries, histories }: Reading): Promise<void> {
  for (const [query, events] of queries) {
    const found = await collect(store.events(query))
    assert.deepStrictEqual(found.map(withoutCursor), events.map(withoutCursor), `events(${JSON.stringify(query)})`)
    const middle = found[Math.floor(found.length / 2)]
    if (middle === undefined) continue
    const rest = await collect(store.events({ ...query, after: middle.cursor }))
    assert.deepStrictEqual(rest, found.slice(found.indexOf(middle) + 1), `after ${middle.cursor}`)
  }
  for (const [id, events] of histories)
    assert.deepStrictEqual((await collect(store.history(id))).map(withoutCursor), events.map(withoutCursor), id)
}

function withoutCursor(event: Event): object {
  return { ...event, cursor: '' }
}

function textOf(asOf: AsOf): string {
  return asOf instanceof Date ? asOf.toISOString() : JSON.stringify(asOf)
}
