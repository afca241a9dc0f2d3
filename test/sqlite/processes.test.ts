import * as assert from 'node:assert/strict'
import { once } from 'node:events'

import { suite } from 'uvu'

import { collect } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import type { WriterReport } from './fixtures/writer.ts'
import { messageOf } from '../support/children.ts'
import { startFixture } from './support/children.ts'
import { openStore, withConnection, withPath } from './support/stores.ts'

const test = suite('several processes on one SQLite file')

const WRITERS = 4
const UPDATES = 250
const JOBS = ['job-0', 'job-1', 'job-2']

test(
  'race to make it and write to the same jobs: nothing is lost, done twice, or refused for a lock',
  withPath(async (path) => {
    const names = Array.from({ length: WRITERS }, (_, index) => `writer-${index}`)
    const children = names.map((name) => startFixture('writer.ts', path, name, String(UPDATES), ...JOBS))
    await Promise.all(children.map((child) => messageOf<'ready'>(child)))
    const reports = children.map((child) => messageOf<WriterReport>(child))
    const ends = children.map((child) => once(child, 'exit'))
    for (const child of children) child.send('go')
    const done = await Promise.all(reports)
    await Promise.all(ends)

    assert.deepEqual(
      done.flatMap((report) => report.errors),
      [],
    )
    assert.deepEqual(done.flatMap((report) => report.created).sort(), JOBS, 'each shared job was created once')
    assert.equal(new Set(done.map((report) => report.firstCursor)).size, 1, 'they saw one log')

    const store = openStore(path)
    const events = await collect(store.events())
    assert.deepEqual(
      events.map((event) => event.id),
      events.map((_, index) => String(index + 1)),
      'numbers are dense',
    )
    const actors = events.flatMap((event) => event.meta?.actor ?? [])
    assert.deepEqual(actors.sort(), done.flatMap((report) => report.acknowledged).sort(), 'each update is there once')
    assert.equal(actors.length, WRITERS * UPDATES)
    assert.equal(events.length, WRITERS * UPDATES + JOBS.length + 2 * WRITERS)
    assert.equal(await store.countByUserId('user-1'), JOBS.length)
    // Versions 1, 2, 3, …, links, times, jobs, lists and counts.
    await assertStateIsFold(store)
    await store.close()
    assert.equal(integrityOf(path), 'ok')
  }),
)

function integrityOf(path: string): unknown {
  return withConnection(path, (connection) => connection.pragma('integrity_check', { simple: true }))
}

test.run()
