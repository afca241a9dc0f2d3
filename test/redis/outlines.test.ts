import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { START } from '../../src/core/cursor.ts'
import type { Outline } from '../../src/outlines.ts'
import { RedisBackend } from '../../src/redis/redis-backend.ts'
import { createEveryHistory, EVERY_HISTORY } from '../contract/every-history.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { deleteAllButLogs, fill, openWorkshop, type Workshop } from './support.ts'

const test = suite('Outlines')

for (const inlineBytes of [0, 64, 200, Number.POSITIVE_INFINITY]) {
  test(`are what stands in Redis, to the byte, with values of ${inlineBytes} bytes inline`, async () => {
    await using workshop = await openWorkshop({ inlineBytes })
    await createEveryHistory(workshop.store)
    await fill(workshop.store)
    await using backend = await openBackend(workshop, inlineBytes)
    const outlines = await outlinesOf(backend)
    assert.ok(outlines.size > EVERY_HISTORY.live + EVERY_HISTORY.ended)
    assert.deepEqual(await backend.outlines.check(0, outlines), [])
  })

  test(`are so after a compaction too, and what they restored is, with ${inlineBytes} bytes inline`, async () => {
    await using workshop = await openWorkshop({ inlineBytes })
    await createEveryHistory(workshop.store)
    await workshop.store.compact({ before: new Date(Date.now() + 1000) })
    await fill(workshop.store)
    await using backend = await openBackend(workshop, inlineBytes)
    const outlines = await outlinesOf(backend)
    assert.deepEqual(await backend.outlines.check(0, outlines), [])
    await deleteAllButLogs(workshop.redis, workshop.prefix)
    assert.equal((await backend.outlines.check(0, outlines)).length, outlines.size)
    assert.deepEqual(await backend.outlines.restore(0, outlines), [])
    assert.deepEqual(await backend.outlines.check(0, outlines), [])
  })
}

test('restore nothing that is there', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  await using backend = await openBackend(workshop, 64)
  const outlines = await outlinesOf(backend)
  await workshop.redis.hset(workshop.keys.job('job-1'), 'status', 'failed')
  assert.equal((await backend.outlines.restore(0, outlines)).length, outlines.size)
  assert.deepEqual(await backend.outlines.check(0, outlines), ['job-1'])
})

test('leave a job to the audit that is not known from its beginning, or whose events make no sense', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  const { redis, keys } = workshop
  const [newest] = await redis.xrevrange(keys.events, '+', '-', 'COUNT', 1)
  const fields = newest?.[1] ?? []
  const n = (after: number): string => String(Number(fields[1]) + after)
  await redis.xadd(keys.events, '*', ...withFields(fields, { n: n(1), type: 'u', job: 'strange' }))
  await redis.xadd(keys.events, '*', ...withFields(fields, { n: n(2), type: 'c', job: 'broken', data: '\u0001\u0002' }))
  await using backend = await openBackend(workshop, 64)
  assert.deepEqual((await backend.outlines.check(0, await outlinesOf(backend))).sort(), ['broken', 'strange'])
})

async function openBackend({ prefix }: Workshop, inlineBytes: number): Promise<RedisBackend & AsyncDisposable> {
  const { url } = await sharedRedis()
  const settings = {
    prefix,
    partitions: 1,
    inlineBytes,
    durability: null,
    retryForMs: 5000,
    onWritesLost: () => {},
    onWarning: () => {},
  }
  const backend = new RedisBackend(url, () => settings)
  // What a test put into the log by hand stays.
  backend.mendWith(async () => {})
  await backend.open()
  return Object.assign(backend, { [Symbol.asyncDispose]: () => backend.close() })
}

/** Names and values, some of them others. */
function withFields(fields: readonly string[], others: Record<string, string>): string[] {
  return fields.map((text, at) => (at % 2 === 1 ? (others[fields[at - 1] as string] ?? text) : text))
}

/** Folded from the log as it is now. */
async function outlinesOf(backend: RedisBackend): Promise<Map<string, Outline>> {
  const outlines = new Map<string, Outline>()
  const through = { sequence: Number.MAX_SAFE_INTEGER, key: '' }
  for (let page = await backend.outlines.scan(0, START); page.end !== null;) {
    page.foldInto(outlines, through, () => true)
    page = await backend.outlines.scan(0, page.end)
  }
  return outlines
}

test.run()
