import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { assertStateIsFold } from '../contract/fold.ts'
import { collect } from '../contract/assertions.ts'
import { chainFaults } from '../faults/harness/oracles.ts'
import { eventually } from '../support/eventually.ts'
import { fill, openWorkshop, type Workshop } from './support.ts'

const test = suite('A log with the remains of a torn transaction')

/**
 * What the second start after a torn append-only file leaves (lua/lib/torn.lua): two events of a transaction that was
 * dropped, with its effect on a count, then the first one that came after that, of the same number.
 */
async function tear({ redis, keys, store }: Workshop): Promise<void> {
  const sequence = await redis.hget(keys.meta, 'sequence')
  await store.updateStatus('job-1', 'processing')
  await store.updateStatus('job-2', 'failed')
  const [, first] = (await redis.xrevrangeBuffer(keys.events, '+', '-', 'COUNT', 2)) as [Buffer, Buffer[]][]
  const again = await redis.xadd(keys.events, '*', ...(first?.[1] ?? []))
  await redis.hset(keys.job('job-1'), '@event', String(again))
  await redis.hset(keys.meta, 'sequence', Number(sequence) + 1, 'newest', String(again))
}

async function assertMended({ redis, keys, store }: Workshop): Promise<void> {
  assert.deepEqual((await store.verify()).drift, [])
  assert.deepEqual(chainFaults(await collect(store.events())), [])
  await assertStateIsFold(store)
  assert.equal(await redis.hget(keys.meta, 'mending'), null)
}

const FIRST_CALLS: Record<string, (workshop: Workshop) => Promise<unknown>> = {
  'a change': ({ store }) => store.updateProgress('job-2', { percent: 50 }),
  'a create': async ({ store }) => store.create({ ...(await collect(store.events()))[0]?.data, id: 'new' } as never),
  'a read': ({ store }) => store.findById('job-2'),
  'a count': ({ store }) => store.countByStatus('failed'),
  'a list': ({ store }) => store.findByUserId('user-1'),
  'a sweep': ({ store }) => store.purgeExpired(),
  'a compaction': ({ store }) => store.compact({ before: new Date(0) }),
  'another store': ({ open }) => open().ready(),
  'a verification': async ({ store }) => assert.deepEqual((await store.verify()).drift, []),
}

for (const [name, call] of Object.entries(FIRST_CALLS))
  test(`is mended before ${name} is answered`, async () => {
    await using workshop = await openWorkshop()
    await fill(workshop.store)
    await tear(workshop)
    await call(workshop)
    const found = await Promise.all(['job-1', 'job-2'].map((id) => workshop.store.findById(id)))
    assert.deepEqual(
      found.map((job) => job?.status),
      ['processing', 'pending'],
    )
    await assertMended(workshop)
  })

test('is mended by one of many that find it so at once', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  const stores = [workshop.store, workshop.open(), workshop.open()]
  await Promise.all(stores.map((store) => store.ready()))
  await tear(workshop)
  const changed = await Promise.all(stores.map((store, at) => store.updateProgress('job-3', { percent: at })))
  assert.deepEqual(
    changed.map((job) => job?.id).filter((id) => id !== 'job-3'),
    [],
  )
  await assertMended(workshop)
})

test('is mended to the end by the next store, if the first one went in the middle', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  const { redis, keys, open } = workshop
  await redis.hset(keys.meta, 'mending', 1)
  await redis.hincrby(keys.counts, 'pending', 3)
  await open().ready()
  await assertMended(workshop)
})

test('forgets that it has seen the commands that were dropped', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  const { redis, keys, store } = workshop
  const command = { commandId: 'c' }
  await store.updateStatus('job-3', 'queued', command)
  const kept = await redis.get(keys.command('job-3', 'c'))
  await tear(workshop)
  // As the dropped ones would have left it.
  await redis.set(keys.command('job-2', 'c'), String(kept).replace(/ \d+ .*/, ` 3 ${Date.now() + 60_000}-0`))
  assert.equal((await store.updateStatus('job-2', 'queued', command))?.status, 'queued')
  assert.equal((await store.findRecord('job-2'))?.version, 3)
  assert.equal((await store.updateStatus('job-2', 'queued', command))?.status, 'queued')
  assert.equal((await store.findRecord('job-2'))?.version, 3)
  await assertMended(workshop)
})

test('is waited for by a call no longer than its time; reads go on', async () => {
  await using workshop = await openWorkshop({ retryForMs: 300 })
  await fill(workshop.store)
  await tear(workshop)
  const { redis, keys, store } = workshop
  // Another store that rebuilds holds the lease meanwhile.
  await redis.hset(keys.meta, 'rebuildOwner', 'another', 'rebuildUntil', Date.now() + 60_000)
  await assert.rejects(store.countByStatus('failed'), { code: 'STORE_UNAVAILABLE', outcome: 'rejected' })
  await assert.rejects(store.updateProgress('job-2', { percent: 1 }), { code: 'STORE_UNAVAILABLE', outcome: 'unknown' })
  assert.equal((await store.findById('job-3'))?.id, 'job-3')
  await redis.hdel(keys.meta, 'rebuildOwner', 'rebuildUntil')
  await eventually(() => store.countByStatus('failed'))
  await assertMended(workshop)
})

test('is mended though another store, which compacts by itself, has its turn', async () => {
  await using workshop = await openWorkshop({ retryForMs: 500 })
  await fill(workshop.store)
  const { redis, keys, store, open } = workshop
  const compacting = open({ retention: { keepMs: 3_600_000 } })
  await compacting.ready()
  await tear(workshop)
  // This one has won the turn to rebuild, and waits for the other's to compact.
  await redis.hset(keys.meta, 'rebuildOwner', 'another', 'rebuildUntil', Date.now() + 3000)
  await assert.rejects(compacting.compact({ before: new Date(0) }), { code: 'STORE_UNAVAILABLE' })
  const held = await redis.hget(keys.meta, 'compactUntil')
  assert.ok(Number(held ?? 0) <= Date.now(), 'it holds the turn to compact while it waits')
  await eventually(() => store.countByStatus('failed'))
  await assertMended(workshop)
})

test('is waited for no longer than its time by a store that opens', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  await tear(workshop)
  const { redis, keys, open } = workshop
  await redis.hset(keys.meta, 'rebuildOwner', 'another', 'rebuildUntil', Date.now() + 60_000)
  const opened = open({ retryForMs: 1500 })
  assert.equal((await opened.findById('job-3'))?.id, 'job-3')
  await assert.rejects(opened.countByStatus('failed'), { code: 'STORE_UNAVAILABLE' })
  await redis.hdel(keys.meta, 'rebuildOwner', 'rebuildUntil')
  await eventually(() => opened.countByStatus('failed'))
  await assertMended(workshop)
})

test('is rebuilt by who takes events out, at most by one other before, and the others see that it is done', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  await tear(workshop)
  const { redis, keys, open } = workshop
  // A connection's first call of a script sends its text.
  const revive = 'Makes a partition that lost its state'
  const monitor = await redis.monitor()
  let rebuilds = 0
  monitor.on('monitor', (_: string, [, script = '', , key]: string[]) => {
    if (script.includes(revive) && key === keys.meta) rebuilds++
  })
  try {
    await Promise.all(Array.from({ length: 6 }, () => open().countByStatus('failed')))
    await assertMended(workshop)
    await eventually(() => assert.ok(rebuilds === 1 || rebuilds === 2, `${rebuilds} rebuilds`))
  } finally {
    monitor.disconnect()
  }
})

test('keeps events whose numbers somebody has written once more', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  const { redis, keys, store } = workshop
  const before = (await collect(store.events())).map(({ id }) => id)
  const [, entry] = (await redis.xrangeBuffer(keys.events, '-', '+', 'COUNT', 2)) as [Buffer, Buffer[]][]
  await redis.xadd(keys.events, '*', ...(entry?.[1] ?? []))
  const copy = await redis.xrevrange(keys.events, '+', '-', 'COUNT', 1)
  assert.equal((await store.updateProgress('job-3', { percent: 7 }))?.progress.percent, 7)
  assert.equal(await redis.hget(keys.meta, 'others'), '1')
  await redis.xdel(keys.events, String(copy[0]?.[0]))
  assert.deepEqual((await store.verify()).drift, [])
  const after = (await collect(store.events())).map(({ id }) => id)
  assert.deepEqual(after.slice(0, -1), before)
})

test('is not what a log is taken for that somebody wrote into, or cut short', async () => {
  await using workshop = await openWorkshop()
  await fill(workshop.store)
  const { redis, keys, store } = workshop
  const [oldest] = await redis.xrange(keys.events, '-', '+', 'COUNT', 1)
  await redis.xdel(keys.events, String(oldest?.[0]))
  assert.equal((await store.updateProgress('job-3', { percent: 7 }))?.progress.percent, 7)
  assert.equal(await redis.hget(keys.meta, 'others'), '-1')
  assert.equal((await store.updateProgress('job-3', { percent: 8 }))?.progress.percent, 8)
})

test.run()
