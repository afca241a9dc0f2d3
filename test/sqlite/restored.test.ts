import * as assert from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'

import { suite } from 'uvu'

import { formatCursor, readCursor } from '../../src/core/cursor.ts'
import type { CursorGapError } from '../../src/core/errors.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { MemoryJobStore } from '../../src/memory/memory-job-store.ts'
import { migrate } from '../../src/migrate.ts'
import type { SqliteJobStore } from '../../src/sqlite/sqlite-job-store.ts'
import { assertRejects, collect } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, HOUR_MS } from '../contract/jobs.ts'
import { newBackend, openStore, storeOver, withPath } from './support/stores.ts'

type Event = JobEvent<AnyJob>
type Store = Pick<
  SqliteJobStore<AnyJob>,
  'events' | 'subscribe' | 'update' | 'create' | 'compact' | 'history' | 'close'
>

const test = suite('an SQLite file restored from a backup')

/** Events in the backup. */
const KEPT = 5

const later = (): Date => new Date(Date.now() + HOUR_MS)

test(
  'a cursor of events that are lost is told so, whatever has come in their place, and every other one goes on',
  withPath(async (path) => {
    const { kept, lost } = await loseEvents(path)
    const store = openStore(path)
    for (let ahead = 0; ahead < 2; ahead++) {
      if (ahead === 1) await writeOn(store, 'other', 2 * lost.length)
      const log = await collect(store.events())
      for (const { cursor } of lost) await assertRewound(store, cursor)
      for (const [index, { cursor }] of kept.entries()) await assertGoesOn(store, cursor, log.slice(index + 1))
      for (const [index, { cursor }] of log.entries()) await assertGoesOn(store, cursor, log.slice(index + 1))
    }
    await store.close()
  }),
)

test(
  'a cursor at the beginning of a compacted log goes on, and one of a beginning that is lost does not',
  withPath(async (path) => {
    const clock = { ms: Date.now() }
    const open = (): Store => storeOver(newBackend(path, { now: () => clock.ms }))
    const before = open()
    await writeOn(before, 'job-1', KEPT)
    await before.close()
    await copyFile(path, `${path}.backup`)

    const first = open()
    await writeOn(first, 'job-1', KEPT)
    clock.ms += 1000
    await first.compact({ before: new Date(clock.ms) })
    const oldest = await beginningOf(first)
    assert.equal(sequenceOf(oldest), 2 * KEPT)
    await writeOn(first, 'job-1', KEPT)
    await assertGoesOn(first, oldest, await collect(first.events()))
    await first.close()

    await copyFile(`${path}.backup`, path)
    const store = open()
    await writeOn(store, 'job-2', 3 * KEPT)
    await assertRewound(store, oldest)
    await store.close()
  }),
)

test(
  'cursors have the time of their event, adopted ones too, and ids don’t',
  withPath(async (path) => {
    const source = new MemoryJobStore<AnyJob>()
    await writeOn(source, 'job-1', KEPT)
    const store = openStore(path)
    await migrate(source, store)
    await writeOn(store, 'job-1', KEPT)
    const log = await collect(store.events())
    assert.equal(log.length, 2 * KEPT)
    for (const [index, { id, cursor, at }] of log.entries()) {
      assert.deepEqual(readCursor(cursor).positions, [{ sequence: index + 1, key: `${at.getTime()}-${index + 1}` }])
      assert.equal(id, String(index + 1))
      await assertGoesOn(store, cursor, log.slice(index + 1))
    }
    for (const one of [source, store]) await one.close()
  }),
)

test(
  'a cursor without a time is refused',
  withPath(async (path) => {
    const store = openStore(path)
    await writeOn(store, 'job-1', KEPT)
    const { epoch } = readCursor((await collect(store.events()))[0]?.cursor)
    for (const key of ['5', '-5', '5-', '1-4', '01-5', '1-05', '1--5', '1-1-5', '5-1'])
      await assertRejects(
        () => collect(store.events({ after: formatCursor({ epoch, positions: [{ sequence: 5, key }] }) })),
        'INVALID_CURSOR',
      )
    await store.close()
  }),
)

test(
  'an archive that has events of what is lost takes no others in their place, and the log keeps them',
  withPath(async (path) => {
    const archive = openStore(`${path}.archive`)
    await loseEvents(path, async (lost) => void (await lost.compact({ before: later(), archive })))
    const archived = await collect(archive.archivedHistory('job-1'))
    const store = openStore(path)
    await writeOn(store, 'job-1', KEPT)
    const log = await collect(store.events())
    await assertRejects(() => store.compact({ before: later(), archive }), 'STORE_MISMATCH')
    assert.deepEqual((await collect(store.events())).slice(0, log.length), log)
    assert.deepEqual(await collect(archive.archivedHistory('job-1')), archived)
    await assertStateIsFold(store)

    const another = openStore(`${path}.other-archive`)
    assert.ok((await store.compact({ before: later(), archive: another })).dropped >= log.length)
    for (const one of [store, archive, another]) await one.close()
  }),
)

/**
 * Makes a log, backs it up, goes on with it, and restores the backup.
 * @param before done to the store whose events are to be lost
 */
async function loseEvents(
  path: string,
  before: (store: Store) => Promise<void> = async () => {},
): Promise<{ kept: Event[]; lost: Event[] }> {
  const first = openStore(path)
  await writeOn(first, 'job-1', KEPT)
  await first.close()
  await copyFile(path, `${path}.backup`)
  const second = openStore(path)
  await writeOn(second, 'job-1', KEPT)
  const events = await collect(second.events())
  await before(second)
  await second.close()
  await copyFile(`${path}.backup`, path)
  return { kept: events.slice(0, KEPT), lost: events.slice(KEPT) }
}

/** Adds so many events, whose times are past those of all that were written before. */
async function writeOn(store: Store, id: string, events: number): Promise<void> {
  const start = Date.now()
  while (Date.now() === start) await new Promise(setImmediate)
  const mark = Math.random()
  const isThere = (await collect(store.history(id))).length > 0
  if (!isThere) await store.create(aJob({ id, mark }))
  for (let index = isThere ? 0 : 1; index < events; index++) await store.update(id, { mark, index })
}

async function assertRewound(store: Store, after: string): Promise<void> {
  await assertRejects(() => collect(store.events({ after })), 'LOG_REWOUND')
  await assertRejects(() => collect(store.events({ after, jobId: 'job-1' })), 'LOG_REWOUND')
  await assertRejects(() => collect(store.subscribe({ after, signal: AbortSignal.timeout(10_000) })), 'LOG_REWOUND')
}

async function assertGoesOn(store: Store, after: string, expected: readonly Event[]): Promise<void> {
  assert.deepEqual(await collect(store.events({ after })), expected)
  const live: string[] = []
  // Who follows the log sees no snapshots.
  const ids = expected.filter(({ type }) => type !== 'snapshotted').map(({ id }) => id)
  if (ids.length > 0) for await (const { id } of store.subscribe({ after })) if (live.push(id) === ids.length) break
  assert.deepEqual(live, ids)
}

/** Where the log begins, as a reader is told who comes too late. */
async function beginningOf(store: Store): Promise<string> {
  return collect(store.events({ after: await cursorOfTheStart(store) })).then(
    () => assert.fail('nothing was dropped'),
    (error: CursorGapError) => error.oldest,
  )
}

async function cursorOfTheStart(store: Store): Promise<string> {
  const { epoch } = readCursor((await collect(store.events()))[0]?.cursor)
  return formatCursor({ epoch, positions: [{ sequence: 0, key: '0' }] })
}

function sequenceOf(cursor: string): number {
  return readCursor(cursor).positions[0]?.sequence ?? 0
}

test.run()
