import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { aJob } from '../contract/jobs.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'

const test = suite('A reply that is lost after its batch was applied')

test('on a job that others had changed since it was held: the job as it was made, and as it is', async () => {
  await using server = await startRedis()
  await using proxy = await TcpProxy.to(server.port)
  const prefix = randomPrefix()
  await using store = openRedis(`redis://127.0.0.1:${proxy.port}`, { prefix, retryForMs: 20_000 })
  await using other = openRedis(server.url, { prefix })
  await store.create(aJob({ id: 'a', note: 1 }))
  await other.update('a', { note: 2 })
  proxy.dropReplies(1)
  const changed = await Promise.all([1, 2].map((percent) => store.updateProgress('a', { percent })))
  assert.equal(proxy.dropped, 1)
  assert.deepEqual(
    changed.map((job) => [job?.progress.percent, job?.['note']]),
    [
      [1, 2],
      [2, 2],
    ],
  )
  assert.deepEqual(await store.findRecord('a'), await other.findRecord('a'))
})

test.run()
