import assert from 'node:assert/strict'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import { aJob } from '../contract/jobs.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'

const test = suite('P4, P5: applied at most once, and every call ends')

async function versionsOf(store: ReturnType<typeof openRedis>, id: string): Promise<number[]> {
  const versions = []
  for await (const event of store.history(id)) versions.push(event.version)
  return versions
}

test('a reply that is lost after the batch was applied: the same batch is sent again, and applied once', async () => {
  await using server = await startRedis()
  await using proxy = await TcpProxy.to(server.port)
  await using store = openRedis(`redis://127.0.0.1:${proxy.port}`, { retryForMs: 20_000 })
  await store.create(aJob({ id: 'a' }))
  let applied = 1
  for (let round = 0; round < 30; round++) {
    proxy.dropReplies(1)
    const jobs = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.updateProgress('a', { percent: index, round })),
    )
    assert.deepEqual(
      jobs.map((job) => job?.progress.percent),
      Array.from({ length: 20 }, (_, index) => index),
    )
    applied += 20
  }
  assert.ok(proxy.dropped >= 25, `vacuous: only ${proxy.dropped} replies were dropped`)
  assert.deepEqual(
    await versionsOf(store, 'a'),
    Array.from({ length: applied }, (_, index) => index + 1),
  )
})

test('SCRIPT FLUSH and CLIENT KILL under load: nothing lost, nothing twice, order kept', async () => {
  await using server = await startRedis()
  const admin = new Redis(server.url)
  await using store = openRedis(server.url, { retryForMs: 20_000, partitions: 2 })
  const ids = Array.from({ length: 20 }, (_, index) => `job-${index}`)
  await Promise.all(ids.map((id) => store.create(aJob({ id }))))
  const stop = new AbortController()
  let faults = 0
  const storm = (async () => {
    while (!stop.signal.aborted) {
      await admin.script('FLUSH')
      faults += Number(await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  for (let round = 1; round <= 60; round++) {
    const calls = ids.flatMap((id) => [1, 2].map((step) => store.updateProgress(id, { percent: 50, round, step })))
    const jobs = await Promise.all(calls)
    for (const [index, job] of jobs.entries()) assert.equal(job?.progress['step'], (index % 2) + 1)
  }
  stop.abort()
  await storm
  assert.ok(faults >= 5, `vacuous: only ${faults} connections were killed`)
  for (const id of ids) {
    const steps: unknown[] = []
    for await (const event of store.history(id))
      if (event.type === 'progressed')
        steps.push(`${Number(event.data.progress?.['round'])}.${Number(event.data.progress?.['step'])}`)
    assert.deepEqual(
      steps,
      Array.from({ length: 120 }, (_, index) => `${Math.floor(index / 2) + 1}.${(index % 2) + 1}`),
    )
  }
  admin.disconnect()
})

test('a frozen server: every call ends by its deadline as unknown, and none is applied twice after it thaws', async () => {
  await using server = await startRedis()
  const prefix = randomPrefix()
  await using store = openRedis(server.url, { prefix, retryForMs: 500 })
  await store.create(aJob({ id: 'a' }))
  server.pause()
  const calls = await Promise.allSettled(
    Array.from({ length: 600 }, (_, index) => store.updateProgress('a', { percent: index % 100, index })),
  )
  server.resume()
  const outcomes = calls.map((call) => (call.status === 'rejected' ? call.reason.outcome : 'applied'))
  assert.deepEqual(new Set(outcomes), new Set(['rejected', 'unknown']))
  await using reader = openRedis(server.url, { prefix, retryForMs: 10_000 })
  const job = await reader.updateProgress('a', { percent: 100 })
  assert.equal(job?.progress.percent, 100)
  const seen: unknown[] = []
  for await (const event of reader.history('a')) seen.push(event.data.progress?.['index'])
  const indexes = seen.filter((index) => index !== undefined) as number[]
  assert.equal(new Set(indexes).size, indexes.length)
  for (const index of indexes) assert.equal(outcomes[index], 'unknown')
  assert.equal((await store.updateProgress('a', { percent: 1 }))?.progress.percent, 1)
})

test('writes that Redis lost are reported, and the store goes on', async () => {
  await using server = await startRedis()
  const losses: { partition: number; batches: number }[] = []
  await using store = openRedis(server.url, { onWritesLost: (loss) => losses.push(loss), retryForMs: 20_000 })
  await store.create(aJob({ id: 'a' }))
  await store.updateProgress('a', { percent: 1 })
  await server.kill()
  await server.start()
  await store.create(aJob({ id: 'b' }))
  assert.deepEqual(losses, [{ partition: 0, batches: 2 }])
  assert.equal(await store.findById('a'), null)
  assert.equal((await store.findById('b'))?.id, 'b')
  assert.equal(await store.countByUserId('user-1'), 1)
})

test('close() while the server is frozen settles every call in under 5 seconds', async () => {
  await using server = await startRedis()
  await using store = openRedis(server.url, { retryForMs: 60_000 })
  await store.create(aJob({ id: 'a' }))
  server.pause()
  const calls = Promise.allSettled([store.updateProgress('a', { percent: 1 }), store.findById('a'), store.stats()])
  const started = performance.now()
  await store.close()
  for (const call of await calls) assert.equal(call.status, 'rejected')
  assert.ok(performance.now() - started < 5000)
  server.resume()
})

test.run()
