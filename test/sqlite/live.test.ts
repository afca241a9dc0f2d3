import assert from 'node:assert/strict'
import { once } from 'node:events'

import { suite } from 'uvu'

import { collect } from '../contract/assertions.ts'
import { aJob, HOUR_MS } from '../contract/jobs.ts'
import { Reading } from '../contract/reading.ts'
import { messageOf } from '../support/children.ts'
import { eventually } from '../support/eventually.ts'
import type { WriterReport } from './fixtures/writer.ts'
import { startFixture } from './support/children.ts'
import { openStore, withPath } from './support/stores.ts'

const test = suite('Live on SQLite')

const WRITERS = 3
const UPDATES = 200

test(
  'what other processes write comes as it happens, each event once, in the order of the log',
  withPath(async (path) => {
    await using store = openStore(path)
    await store.ready()
    const reading = new Reading(store.subscribe())
    const sights = new Reading(store.watch('job-0'))
    await sights.has(1)
    const names = Array.from({ length: WRITERS }, (_, index) => `writer-${index}`)
    const children = names.map((name) => startFixture('writer.ts', path, name, String(UPDATES), 'job-0', 'job-1'))
    await Promise.all(children.map((child) => messageOf<'ready'>(child)))
    const reports = children.map((child) => messageOf<WriterReport>(child))
    const ends = children.map((child) => once(child, 'exit'))
    for (const child of children) child.send('go')
    await store.create(aJob({ id: 'own' }))
    for (const { errors } of await Promise.all(reports)) assert.deepEqual(errors, [])
    await Promise.all(ends)
    const log = await collect(store.events())
    assert.equal(log.length, WRITERS * UPDATES + 2 + 2 * WRITERS + 1)
    await reading.has(log.length)
    assert.deepEqual(reading.all, log)
    const job = await store.findById('job-0')
    await eventually(() => assert.deepEqual(sights.all.at(-1)?.job, job))
    await store.close()
    await reading.ended()
  }),
)

test(
  'a process that only reads lives for as long as it does',
  withPath(async (path) => {
    await using store = openStore(path)
    await store.create(aJob({ id: 'a' }))
    const child = startFixture('reader.ts', path)
    await messageOf<'ready'>(child)
    const types = messageOf<string[]>(child)
    const end = once(child, 'exit')
    await store.updateStatus('a', 'queued')
    await store.delete('a')
    assert.deepEqual(await types, ['statusChanged', 'deleted'])
    assert.deepEqual(await end, [0, null])
  }),
)

test(
  'a reader whose place was compacted away goes on in the archive',
  withPath(async (path) => {
    await using archive = openStore(`${path}.archive`)
    await using store = openStore(path)
    await store.create(aJob({ id: 'a' }))
    const [first] = await collect(store.events())
    await store.updateStatus('a', 'queued')
    await store.compact({ before: new Date(Date.now() + HOUR_MS), archive })
    const reading = new Reading(store.subscribe({ after: first?.cursor ?? '' }))
    await reading.has(1)
    await store.updateProgress('a', { percent: 1 })
    assert.deepEqual(
      (await reading.has(2)).map(({ type, version }) => [type, version]),
      [
        ['statusChanged', 2],
        ['progressed', 3],
      ],
    )
  }),
)

test.run()
