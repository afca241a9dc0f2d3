import * as assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { suite } from 'uvu'

import type { JobStore } from '../../src/contract.ts'
import { exportLog } from '../../src/json-lines/export-log.ts'
import { MemoryJobStore } from '../../src/memory/memory-job-store.ts'
import { importLog } from '../../src/migrate.ts'
import type { StoreOptions } from '../../src/options.ts'
import { assertRejects, assertWritesNothing, collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, HOUR_MS } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { fill, furnish, nextTime } from './support/furnish.ts'
import { House, HOUSES } from './support/houses.ts'
import { assertSame, whatIsTold } from './support/told.ts'

const test = suite('exportLog and importLog: a store moves as a file')

const GOLDEN = fileURLToPath(new URL('../golden/log-v1.jsonl', import.meta.url))

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

for (const [name, factory] of Object.entries(HOUSES)) {
  test(`${name}: what was exported is imported as the same store, and exported again as the same events`, async () => {
    await using house = new House(factory)
    await using fromHouse = new House(factory)
    const from = await fromHouse.open()
    const to = await house.open()
    await furnish(from)
    const fractions: number[] = []
    const { events, jobs } = await importLog<AnyJob>(to, exportLog(from), {
      onProgress: ({ fraction }) => fractions.push(fraction),
    })
    const stats = await from.stats()
    assert.deepEqual({ events, jobs }, { events: stats.events, jobs: stats.jobs })
    assert.deepEqual([fractions[0], fractions.at(-1)], [0, 1])
    const told = await whatIsTold(from)
    assertSame(await whatIsTold(to), told)
    assert.deepEqual((await to.verify()).drift, [])
    const second = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
    await importLog<AnyJob>(second, exportLog(to))
    assertSame(await whatIsTold(second), told)
    await second.close()
    await assertWritesNothing(to, () => importLog(to, exportLog(from)), 'STORE_MISMATCH')
  })

  test(`${name}: a file that is cut, cut in a line, or changed is refused, and a good one completes it`, async () => {
    await using from = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
    await furnish(from)
    await fill(from, 300)
    const lines = await collect(exportLog(from))
    const cut = lines.slice(0, -1)
    const files: Record<string, string[]> = {
      'without its last line': cut,
      'cut in a line': [...cut.slice(0, -1), cut.at(-1)?.slice(0, 60) ?? ''],
      'cut before the first event': lines.slice(0, 1),
      'with a line left out': lines.toSpliced(lines.length >> 1, 1),
      'with a line twice': lines.toSpliced(900, 0, lines[900] as string),
      'of another format': ['{"jobledger":2,"content":"log"}\n', ...lines.slice(1)],
    }
    await using house = new House(factory)
    const to = await house.open()
    for (const [what, file] of Object.entries(files)) {
      await assertRejects(() => importLog(to, linesOf(file)), 'INVALID_LOG').catch((error: Error) => {
        throw new Error(`${what}: ${error.message}`, { cause: error })
      })
    }
    await assertRejects(() => to.create(aJob({ id: 'new' })), 'PROJECTION_LOST')
    await assertRejects(() => to.rebuild(), 'PROJECTION_LOST')
    const rebuilding = await house.open({ onProjectionLost: 'rebuild' } as StoreOptions)
    await assertRejects(() => rebuilding.create(aJob({ id: 'new' })), 'PROJECTION_LOST')
    await importLog<AnyJob>(to, linesOf(lines))
    assertSame(await whatIsTold(to), await whatIsTold(from))
    assert.deepEqual((await to.verify()).drift, [])
    await to.create(aJob({ id: 'new' }))
  })

  test(`${name}: a log whose times go back is refused, and the store takes no commands`, async () => {
    await using from = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
    await from.create(aJob())
    await from.updateStatus('job-1', 'queued')
    const lines = (await collect(exportLog(from))).map((line, index) =>
      index === 2 ? line.replace(/"at":"\d{4}/, '"at":"2001') : line,
    )
    await using house = new House(factory)
    const to = await house.open()
    await assertRejects(() => importLog(to, linesOf(lines)), 'INVALID_LOG', { field: 'at' })
    await assertRejects(() => to.create(aJob({ id: 'new' })), 'PROJECTION_LOST')
    await importLog(to, exportLog(from))
    assertSame(await whatIsTold(to), await whatIsTold(from))
  })

  test(`${name}: what expires while a log is taken over makes no difference`, async () => {
    await using from = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
    await from.create(aJob({ expiresAt: new Date(Date.now() + 150) }))
    await from.create(aJob({ id: 'stays' }))
    await fill(from, 300)
    const lines = await collect(exportLog(from))
    await using house = new House(factory)
    const to = await house.open({ sweepIntervalMs: 1 })
    const { events } = await importLog(to, linesOf(lines))
    assert.equal(events, lines.length - 2)
    await eventually(async () => assert.equal(await to.findById('job-1'), null))
    assert.notEqual(await to.findById('stays'), null)
  })

  test(`${name}: of a log that was compacted, what the file does not tell is said to be gone`, async () => {
    await using house = new House(factory)
    await using fromHouse = new House(factory)
    const from = await fromHouse.open()
    const to = await house.open()
    for (const id of ['quiet', 'busy', 'ended']) await from.create(aJob({ id }), { meta: { actor: 'ann' } })
    await from.updateProgress('busy', { percent: 1 })
    await from.delete('ended')
    const before = await nextTime(from)
    await from.updateProgress('busy', { percent: 2 })
    await from.compact({ before })
    await importLog(to, exportLog(from))
    for (const [id, version] of [
      ['quiet', 1],
      ['busy', 3],
    ] as const) {
      const record = await to.findRecord(id)
      assert.deepEqual([record?.job, record?.version], [await from.findById(id), version])
      assert.deepEqual(await to.findByIdAsOf(id, { version }), record?.job)
      await assertRejects(() => to.findByIdAsOf(id, new Date(0)), 'HISTORY_TRUNCATED')
    }
    await assertRejects(() => to.findByIdAsOf('busy', { version: 2 }), 'HISTORY_TRUNCATED')
    await assertRejects(() => to.findByIdAsOf('busy', { version: 1 }), 'HISTORY_TRUNCATED')
    assert.equal(await to.findByIdAsOf('busy', { version: 4 }), null)
    assert.equal(await to.findByIdAsOf('ended', { version: 1 }), null)
    assert.equal(await to.findByIdAsOf('never', new Date()), null)
    assert.deepEqual((await to.verify()).drift, [])
  })

  test(`${name}: a log whose times are ahead of the clock makes no job's time come before it has come`, async () => {
    await using from = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
    await from.create(aJob({ id: 'later', expiresAt: new Date('2101-01-01T00:00:00.000Z') }))
    const lines = await collect(exportLog(from))
    await using house = new House(factory)
    const to = await house.open()
    await importLog(to, linesOf(lines.map((line) => line.replace(/"at":"\d{4}/, '"at":"2099'))))
    await to.create(aJob({ expiresAt: new Date(Date.now() + HOUR_MS) }))
    assert.ok((await to.updateStatus('job-1', 'queued')) !== null && (await to.findById('job-1')) !== null)
    assert.deepEqual([await to.countByUserId('user-1'), await to.purgeExpired()], [2, 0])
    const years = (await collect(to.events())).map(({ type, at }) => [type, at.getFullYear()])
    assert.deepEqual(years, [
      ['created', 2099],
      ['created', 2099],
      ['statusChanged', 2099],
    ])
  })

  test(`${name}: the golden log of format 1 makes the jobs that it says, and must for ever`, async () => {
    await using house = new House(factory)
    const store = await house.open()
    assert.deepEqual(await importLog(store, createReadStream(GOLDEN)), { events: 8, jobs: 0 })
    await assertIsGolden(store)
    await assertIsGolden(await house.open())
  })
}

/** What the golden log says, by hand. */
async function assertIsGolden(store: JobStore<AnyJob>): Promise<void> {
  const created = {
    id: 'job-1',
    userId: 'ann',
    status: 'pending',
    videoUrl: 'https://example.com/in.mp4',
    videoId: 'v-1',
    options: { codec: 'h264', sizes: [360, 720], isDraft: false, note: null },
    videoMetadata: { title: 'Ünïcode “quotes” 日本語 😀\n' },
    progress: { percent: 0 },
    retryCount: 0,
    maxRetries: 3,
    webhook: { url: 'https://example.com/hook', events: ['completed'] },
    createdAt: new Date('2023-11-14T22:13:19.999Z'),
    expiresAt: new Date('2023-11-15T22:13:19.999Z'),
  }
  const progressed = {
    ...created,
    status: 'processing',
    startedAt: new Date('2023-11-14T22:13:20.001Z'),
    progress: { percent: 99.5, stage: 'encode', message: 'nearly' },
  }
  const { webhook: _, ...others } = progressed
  const updated = {
    ...others,
    userId: 'cleo',
    result: [
      new Date('2024-02-29T12:00:00.500Z'),
      Buffer.from([0, 255, 128]),
      Buffer.alloc(0),
      18_446_744_073_709_551_615n,
      -9_223_372_036_854_775_808n,
      Number.NaN,
      Infinity,
      -Infinity,
      // Every store has -0 as 0.
      0,
      0.1,
      1e21,
      '',
      { $date: 'a name of the user', $$date: { $number: 'too' }, $: [new Date(0)] },
      {},
      [],
    ],
    'a name: "strange"\u0000': true,
  }
  const snapshotted = {
    id: 'job-2',
    userId: 'bob',
    status: 'an own status',
    progress: { percent: 1e-7 },
    retryCount: 1,
    maxRetries: 1,
    error: { code: 'E', message: 'no', retryable: true, details: { line: 3 } },
    createdAt: new Date('1970-01-01T00:00:00.000Z'),
    queuedAt: new Date('-271821-04-20T00:00:00.000Z'),
    expiresAt: new Date('+275760-09-13T00:00:00.000Z'),
  }
  const asOf = (id: string, version: number): Promise<AnyJob | null> => store.findByIdAsOf(id, { version })
  assertSame(await asOf('job-1', 1), created)
  assertSame(await asOf('job-1', 3), progressed)
  assertSame(await store.findByIdAsOf('job-1', new Date('2023-11-14T22:13:20.002Z')), progressed)
  assertSame(await asOf('job-1', 4), updated)
  assertSame(await asOf('job-1', 5), { ...updated, pausedBy: 'a newer program' })
  assertSame(await asOf('job-1', 6), null)
  assertSame(await asOf('job-2', 41), snapshotted)
  assertSame(await asOf('job-2', 42), null)
  await assertRejects(() => asOf('job-2', 40), 'HISTORY_TRUNCATED')
  for (const id of ['job-1', 'job-2']) assert.equal(await store.findById(id), null)

  const history = await collect(store.history('job-1'))
  const types = ['created', 'statusChanged', 'progressed', 'updated', 'paused', 'deleted']
  assert.deepEqual(
    history.map(({ type, version, at }) => `${type} ${version} ${at.toISOString()}`),
    types.map((type, index) => `${type} ${index + 1} 2023-11-14T22:13:20.00${[0, 1, 2, 3, 5, 6][index]}Z`),
  )
  assert.deepEqual(
    history.map(({ userId }) => userId),
    ['ann', 'ann', 'ann', 'cleo', 'cleo', 'cleo'],
  )
  assert.deepEqual(history[0]?.meta, { actor: 'ann', reason: 'upload', correlationId: 'c-1' })
  assertSame(history[3]?.meta, {
    $bigint: '5',
    at: new Date('2024-01-01T00:00:00.000Z'),
    bytes: Buffer.from('text'),
    count: 7n,
  })
  assert.deepEqual(history[3]?.removed, ['webhook', '$own', 'constructor'])
  assert.deepEqual(history[5]?.meta, { reason: 'tidy' })
  const { jobs, events } = await store.stats()
  assert.deepEqual([jobs, events], [0, 8])
  assert.deepEqual((await store.verify()).drift, [])
  assert.equal((await store.rebuild()).repaired, 0)
}

test.run()
