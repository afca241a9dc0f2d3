import * as assert from 'node:assert/strict'

import { assertRejects, collect, pictureOf, typesOf } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, textOf } from './jobs.ts'

const WORDS = [
  '{ } {} {x} }{ {jobs:0} {jobs:0}:meta a{b}c : :: a:b a:b:c :a a: job-1 job:1 A a',
  '* ? [a-z] % _ \\ \\* a% ^a$ (a|b) $1 ~ - + -inf +inf (1 [1 %s %.0f',
  "' \" ' OR 1=1 -- '; DROP TABLE jobs; `; <script> &amp; ../.. / . .. C:\\",
  '__proto__ constructor prototype toString hasOwnProperty null undefined NaN true false nil end',
  '0 1 01 1.0 1e3 -1 0x1 9007199254740993 KEYS[1] ARGV[1] redis.call("FLUSHALL") ]]..os.exit()..[[',
  'é e\u0301 É \u212b \u00c5 A\u030a 日本語 шерсть 😀 👩‍👩‍👧',
]
const SPACES = [
  '\r\n',
  '\n',
  '\r',
  '\t',
  ' ',
  '  ',
  ' a',
  'a ',
  'a b',
  '\u2028',
  '\u0085',
  '\u200b',
  '\ufeff',
  '\u202e',
]
const UNPRINTABLE = ['\u0000', 'a\u0000', 'a\u0000b', '\u0001', '\u007f', '\uffff', '\ufffd', '\uff5e', '\u{10ffff}']
const LONG = [textOf(512), textOf(512, 'é'), textOf(512, '日'), textOf(512, '😀'), `${textOf(511)}y`]

/** Texts that a backend could take for something else, or for one another. */
export const HOSTILE: readonly string[] = [
  ...new Set(WORDS.flatMap((words) => words.split(' '))),
  ...SPACES,
  ...UNPRINTABLE,
  ...LONG,
]

/** What can be no id: empty, too long by a byte or by its bytes, not well-formed. */
const IMPOSSIBLE = [
  '',
  textOf(513),
  textOf(514, 'é'),
  'é'.repeat(257),
  '😀'.repeat(129),
  'lone \ud800',
  '\udc00x',
  null,
  5,
  {},
]

export const identifiers: Suite = (test) => {
  test('are of the length that the test means', async () => {
    for (const id of LONG) assert.strictEqual(Buffer.byteLength(id), 512)
    assert.strictEqual(new Set(HOSTILE).size, HOSTILE.length)
  })

  test('of jobs may be any text of up to 512 bytes, and no two are taken for one another', async (store) => {
    for (const id of HOSTILE) await store.create(aJob({ id, mark: `of ${id}` }))
    for (const id of HOSTILE) {
      assert.strictEqual((await store.findById(id))?.['mark'], `of ${id}`)
      await assertRejects(() => store.create(aJob({ id })), 'JOB_ALREADY_EXISTS', { jobId: id })
    }
    await Promise.all(HOSTILE.map((id) => store.updateStatus(id, 'queued', { commandId: 'c' })))
    await Promise.all(HOSTILE.map((id) => store.update(id, { value: id })))
    for (const id of HOSTILE) {
      const record = await store.findRecord(id)
      assert.deepStrictEqual([record?.job.id, record?.job['value'], record?.version], [id, id, 3])
      const events = await collect(store.history(id))
      assert.deepStrictEqual(
        events.map((event) => [event.jobId, event.type]),
        ['created', 'statusChanged', 'updated'].map((type) => [id, type]),
      )
      assert.strictEqual((await collect(store.events({ jobId: id }))).length, 3)
      assert.strictEqual((await store.findByIdAsOf(id, { version: 1 }))?.['mark'], `of ${id}`)
    }
    assert.strictEqual(await store.countByStatus('queued'), HOSTILE.length)
    const everySecond = HOSTILE.filter((_, index) => index % 2 === 0)
    for (const id of everySecond) assert.strictEqual(await store.delete(id), true)
    for (const [index, id] of HOSTILE.entries())
      assert.strictEqual((await store.findById(id)) === null, index % 2 === 0)
  })

  test('of jobs come back page by page', async (store) => {
    for (const id of HOSTILE) await store.create(aJob({ id, createdAt: new Date(5) }))
    const ids: string[] = []
    let after: string | null = null
    do {
      const page = await store.listByUserId('user-1', after === null ? { limit: 7 } : { limit: 7, after })
      ids.push(...page.jobs.map((job) => job.id))
      after = page.next
    } while (after !== null)
    const byBytes = HOSTILE.toSorted((left, right) => Buffer.compare(Buffer.from(right), Buffer.from(left)))
    assert.deepStrictEqual(ids, byBytes)
  })

  test('of users may be any text of up to 512 bytes, and no two are taken for one another', async (store) => {
    for (const [index, userId] of HOSTILE.entries())
      await store.create(aJob({ id: `${index}`, userId, status: 'queued' }))
    for (const [index, userId] of HOSTILE.entries()) {
      const job = await store.findById(`${index}`)
      assert.strictEqual(job?.userId, userId)
      assert.deepStrictEqual(await store.findByUserId(userId), [job])
      assert.deepStrictEqual(await store.findByUserId(userId, { status: 'queued' }), [job])
      assert.strictEqual(await store.countByUserId(userId), 1)
      assert.deepStrictEqual(
        (await collect(store.events({ userId }))).map((event) => event.jobId),
        [`${index}`],
      )
    }
    for (const [index] of HOSTILE.entries())
      await store.update(`${index}`, { userId: HOSTILE[(index + 1) % HOSTILE.length] as string })
    for (const [index, userId] of HOSTILE.entries()) {
      const [job, ...more] = await store.findByUserId(userId)
      assert.deepStrictEqual([job?.id, more], [`${(index + HOSTILE.length - 1) % HOSTILE.length}`, []])
    }
  })

  test('of jobs and users that are equal do not meet', async (store) => {
    for (const text of HOSTILE) await store.create(aJob({ id: text, userId: text }))
    for (const text of HOSTILE) assert.deepStrictEqual((await store.findByUserId(text)).map(idOf), [text])
    for (const text of HOSTILE) await store.update(text, { expiresAt: new Date(5) })
    assert.strictEqual(await store.countByStatus('pending'), 0)
    for (const text of HOSTILE) assert.deepStrictEqual(await typesOf(store, text), ['created', 'updated', 'expired'])
  })

  test('that can be none are refused when a job is created or moved', async (store) => {
    await store.create(aJob())
    const before = await pictureOf(store)
    for (const bad of IMPOSSIBLE) {
      const [id, userId] = [bad as string, bad as string]
      await assertRejects(() => store.create(aJob({ id })), 'INVALID_JOB', { field: 'id' })
      await assertRejects(() => store.create(aJob({ id: 'b', userId })), 'INVALID_JOB', { field: 'userId' })
      await assertRejects(() => store.update('job-1', { userId }), 'INVALID_JOB', { field: 'userId' })
    }
    assert.deepStrictEqual(await pictureOf(store), before)
  })
}

function idOf(job: AnyJob): string {
  return job.id
}
