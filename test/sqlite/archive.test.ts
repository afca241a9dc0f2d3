import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { readCursor } from '../../src/core/cursor.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { MemoryJobStore } from '../../src/memory/memory-job-store.ts'
import { SqliteJobStore } from '../../src/sqlite/sqlite-job-store.ts'
import { assertRejects, assertTypeError, collect, pictureOf, typesOf } from '../contract/assertions.ts'
import { createLives, ListArchive } from '../contract/compaction.ts'
import { createEveryHistory } from '../contract/every-history.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, createMany, HOUR_MS } from '../contract/jobs.ts'
import { assertReads, readEverything } from '../contract/readings.ts'
import { openStore, withConnection, withPath } from './support/stores.ts'

type Event = JobEvent<AnyJob>

const test = suite('a SqliteJobStore as an archive')

const later = (): Date => new Date(Date.now() + HOUR_MS)

test(
  'gives back what it was given, whatever it is, by job and by place',
  withPath(async (path) => {
    const events = await everyEvent()
    const archive = openStore(path)
    await archive.append(events)
    for (const id of new Set(events.map(({ jobId }) => jobId)))
      assert.deepEqual(
        await collect(archive.archivedHistory(id)),
        events.filter(({ jobId }) => jobId === id),
      )
    const { epoch } = readCursor(events[0]?.cursor)
    const numbers = events.map(({ cursor }) => readCursor(cursor).positions[0]?.sequence ?? 0)
    for (const sequence of [0, 1, 7, events.length - 1, events.length])
      assert.deepEqual(
        await collect(archive.archivedLog({ epoch, partition: 0, sequence })),
        events.filter((_, index) => (numbers[index] as number) > sequence),
      )
    assert.deepEqual(await collect(archive.archivedLog({ epoch: 'another', partition: 0, sequence: 0 })), [])
    assert.deepEqual(await collect(archive.archivedLog({ epoch, partition: 1, sequence: 0 })), [])
    assert.deepEqual(await collect(archive.archivedHistory('nobody')), [])
    await archive.close()
  }),
)

test(
  'takes a batch again, and one of which it has a part, and keeps each event once',
  withPath(async (path) => {
    const events = await everyEvent()
    const archive = openStore(path)
    for (const [from, to] of [
      [0, 50],
      [0, 50],
      [30, 120],
      [0, events.length],
      [100, 101],
    ] as const)
      await archive.append(events.slice(from, to))
    await Promise.all([archive.append(events), archive.append(events)])
    await archive.append([])
    const { epoch } = readCursor(events[0]?.cursor)
    assert.deepEqual(await collect(archive.archivedLog({ epoch, partition: 0, sequence: 0 })), events)
    await archive.close()
    assert.equal(countRows(path), events.length)
  }),
)

test(
  'has it on disk when it resolves: another store on the file reads it',
  withPath(async (path) => {
    const events = await everyEvent()
    const archive = openStore(path)
    await archive.append(events)
    const other = openStore(path)
    assert.deepEqual(await collect(other.archivedHistory('changed')), await collect(archive.archivedHistory('changed')))
    await Promise.all([archive.close(), other.close()])
    assert.equal(countRows(path), events.length)
  }),
)

test(
  'keeps the events of several stores apart, though their ids are the same',
  withPath(async (path) => {
    const archive = openStore(path)
    const stores = [new MemoryJobStore<AnyJob>(), new MemoryJobStore<AnyJob>()]
    const own: string[][] = []
    for (const [index, store] of stores.entries()) {
      await store.create(aJob({ mark: index }))
      await store.updateProgress('job-1', { percent: index })
      own.push((await collect(store.history('job-1'))).map(({ id }) => id))
      await store.compact({ before: later(), archive })
    }
    assert.deepEqual(own[0], own[1])
    assert.equal((await collect(archive.archivedHistory('job-1'))).length, 4)
    for (const [index, store] of stores.entries())
      assert.equal((await collect(store.history('job-1')))[0]?.data['mark'], index)
    for (const store of [...stores, archive]) await store.close()
  }),
)

test(
  "shows archived jobs by itself, but none of its own jobs' namesakes",
  withPath(async (path) => {
    const archive = openStore(path)
    const store = new MemoryJobStore<AnyJob>()
    await createLives(store)
    const before = await collect(store.history('changed later'))
    for (let run = 0; run < 3; run++) {
      await store.update('changed later', { run })
      await store.compact({ before: later(), archive })
    }
    const shown = await collect(archive.history('changed later'))
    assert.deepEqual(shown.slice(0, before.length), before)
    assert.ok(
      shown.every(({ type }) => type !== 'snapshotted'),
      'snapshots are of no use here',
    )
    assert.equal(shown.length, before.length + 3)
    await archive.create(aJob({ id: 'old' }))
    assert.deepEqual(await typesOf(archive, 'old'), ['created'])
    assert.deepEqual(await collect(archive.history('nobody')), [])
    assert.equal(await archive.findById('changed later'), null)
    for (const one of [store, archive]) await one.close()
  }),
)

test(
  'reads the fields of older programs where it shows archived jobs',
  withPath(async (path) => {
    const upcast = (event: Event): Event => ({ ...event, data: { ...event.data, seen: true } })
    const archive = new SqliteJobStore<AnyJob>(path, { upcast, sweepIntervalMs: 0 })
    await archive.append((await everyEvent()).slice(0, 5))
    const [event] = await collect(archive.history('job-00000'))
    assert.equal(event?.data['seen'], true)
    assert.equal((await collect(archive.archivedHistory('job-00000')))[0]?.data['seen'], undefined)
    await archive.close()
  }),
)

test(
  'is its own archive too',
  withPath(async (path) => {
    const store = openStore(path)
    await createLives(store)
    const reading = await readEverything(store)
    for (let run = 0; run < 2; run++) {
      await store.compact({ before: later(), archive: store })
      await assertReads(store, reading)
    }
    assert.deepEqual((await store.verify()).drift, [])
    await store.close()
  }),
)

test(
  'has pages: of a long history each event once, and its own jobs are as they were',
  withPath(async (path) => {
    const archive = openStore(path)
    await createEveryHistory(archive)
    const picture = await pictureOf(archive)
    const store = new MemoryJobStore<AnyJob>()
    await store.create(aJob())
    await Promise.all(Array.from({ length: 1500 }, (_, index) => store.update('job-1', { index })))
    await createMany(store, 600)
    await store.compact({ before: later(), archive })
    const versions = (await collect(archive.archivedHistory('job-1'))).map(({ version }) => version)
    assert.deepEqual(
      versions,
      versions.map((_, index) => index + 1),
    )
    assert.equal(versions.length, 1501)
    assert.deepEqual(await pictureOf(archive), picture)
    const { ok, jobs } = await archive.verify()
    assert.deepEqual([ok, jobs], [true, 106])
    assert.equal((await archive.rebuild()).repaired, 0)
    for (const one of [store, archive]) await one.close()
  }),
)

test(
  'refuses what are no events, and keeps nothing of the page that they are in',
  withPath(async (path) => {
    const archive = openStore(path)
    for (const wrong of [undefined, null, 5, 'text', {}])
      await assertTypeError(() => archive.append(wrong as never), 'events')
    const [event] = (await everyEvent()) as [Event]
    for (const cursor of ['', 'x', undefined])
      await assertRejects(() => archive.append([event, { ...event, cursor: cursor as string }]), 'INVALID_CURSOR')
    for (const id of [undefined, null, 5])
      await assertTypeError(() => collect(archive.archivedHistory(id as unknown as string)), 'jobId')
    await archive.close()
    assert.equal(countRows(path), 0)
  }),
)

test(
  'rejects once it is closed, and finishes what it was given before',
  withPath(async (path) => {
    const events = await everyEvent()
    const archive = openStore(path)
    const given = archive.append(events)
    await archive.close()
    await given
    assert.equal(countRows(path), events.length)
    await assertRejects(() => archive.append(events), 'STORE_CLOSED')
    await assertRejects(() => collect(archive.archivedHistory('job-1')), 'STORE_CLOSED')
    await assertRejects(() => collect(archive.archivedLog({ epoch: 'a', partition: 0, sequence: 0 })), 'STORE_CLOSED')
  }),
)

/** Every kind of event, snapshots included, as a compaction hands them over. */
async function everyEvent(): Promise<Event[]> {
  const store = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
  const archive = new ListArchive()
  await createEveryHistory(store)
  await store.compact({ before: later(), archive })
  await store.update('changed', { note: 'again' })
  await store.update('full', { note: 'again' }, { meta: { actor: 'ada', at: new Date(5), tags: [1n, { deep: null }] } })
  await store.compact({ before: later(), archive })
  await store.close()
  const events = [...archive.events.values()]
  assert.ok(events.some(({ type }) => type === 'snapshotted') && events.length > 200)
  return events
}

function countRows(path: string): number {
  return withConnection(
    path,
    (connection) => connection.prepare('SELECT count(*) FROM archived_events').pluck().get() as number,
  )
}

test.run()
