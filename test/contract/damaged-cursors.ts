import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import { JobStoreError } from '../../src/core/errors.ts'
import type { Cursor, EventQuery, JobEvent } from '../../src/core/event.ts'
import { assertRejects, collect } from './assertions.ts'
import { ListArchive } from './compaction.ts'
import type { AnyJob, Suite } from './harness.ts'
import { createMany, HOUR_MS } from './jobs.ts'

/** A cursor that is none, or names an event that never was. */
const REFUSALS = ['INVALID_CURSOR', 'LOG_REWOUND']

export const damagedCursors: Suite = (test) => {
  test('every beginning of a cursor is refused: it is no failure of the store', async (store) => {
    const cursor = await lastCursor(store)
    for (let length = 0; length < cursor.length; length++) await assertRefused(store, cursor.slice(0, length))
  })

  test('so is a cursor with another character in it', async (store) => {
    const cursor = await lastCursor(store)
    for (let index = 0; index < cursor.length; index++)
      for (const other of ['0', '9', '-', '_', '.', ' '].filter((character) => character !== cursor[index]))
        await assertRefused(store, `${cursor.slice(0, index)}${other}${cursor.slice(index + 1)}`)
  })

  test('a place has one spelling, with a key that can be its own', async (store) => {
    const [version, epoch, ...places] = (await lastCursor(store)).split('.')
    const largest = 2n ** 64n - 1n
    const keys = ['', '-', '0-', '-0', '--', '1-', '00', '1-1-1', '00-1', '1-01', `${largest + 1n}-0`, '9'.repeat(48)]
    const wrong = [...keys, `1-${largest + 1n}`, `${largest}-${largest}`].map((key) => `1_${key}`)
    for (const place of [...wrong, '0_1', '0_1-1', '01_0', '00_0', '1_0_0', '1_0.', '.1_0']) {
      const after = [version, epoch, ...places.slice(1), place].join('.')
      await assertRejects(() => collect(store.events({ after })), 'INVALID_CURSOR')
      await assertRejects(() => collect(store.subscribe({ after })), 'INVALID_CURSOR')
    }
  })

  test('a place before which the archive knows nothing is none that is damaged', async (store) => {
    const ids = await createMany(store, 21)
    const before = new Date(Date.now() + HOUR_MS)
    await store.compact({ before })
    for (let round = 0; round < 2; round++) {
      for (const id of ids) await store.update(id, { round })
      if (round === 0) await store.compact({ before, archive: new ListArchive() })
    }
    const log = await collect(store.events())
    for (const [index, { cursor }] of log.entries()) {
      const rest = await collect(store.events({ after: cursor }))
      assert.deepStrictEqual(idsOf(rest), idsOf(log.slice(index + 1)))
    }
  })
}

function idsOf(events: readonly JobEvent<AnyJob>[]): string[] {
  return events.map(({ id }) => id)
}

/** After so many events that numbers have two digits, in one partition. */
async function lastCursor(store: JobStore<AnyJob>): Promise<Cursor> {
  await createMany(store, 21)
  return (await collect(store.events())).at(-1)?.cursor ?? assert.fail('there is no event')
}

async function assertRefused(store: JobStore<AnyJob>, after: Cursor): Promise<void> {
  const code = await refusalOf(store, { after })
  assert.ok(code !== null && REFUSALS.includes(code), `events after ${after}: ${code}`)
  assert.strictEqual(await codeOf(() => collect(store.subscribe({ after }))), code, `subscribe after ${after}`)
  // Only the job's own partition is looked at: the damage may be in another one.
  const ofJob = await refusalOf(store, { after, jobId: 'job-00003' })
  assert.ok(ofJob === null || REFUSALS.includes(ofJob), `events of a job after ${after}: ${ofJob}`)
}

function refusalOf(store: JobStore<AnyJob>, query: EventQuery): Promise<string | null> {
  return codeOf(() => collect(store.events(query)))
}

/** What a call was refused with; null if it was not. */
async function codeOf(call: () => Promise<unknown>): Promise<string | null> {
  try {
    await call()
    return null
  } catch (error) {
    if (error instanceof JobStoreError) return error.code
    throw error
  }
}
