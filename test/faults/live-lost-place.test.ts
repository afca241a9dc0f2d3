import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { CursorGapError } from '../../src/core/errors.ts'
import { aJob, HOUR_MS } from '../contract/jobs.ts'
import { Reading } from '../contract/reading.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'

const test = suite('P8, P9: a reader whose place is gone is told so, and where to go on')

/** Entries of a stream node: trimming works by nodes. */
const NODE = 10

test('P8: a compaction that passes live readers while their connection is dead', async () => {
  await using server = await startRedis({ args: ['--stream-node-max-entries', String(NODE)] })
  await using proxy = await TcpProxy.to(server.port)
  const prefix = randomPrefix()
  await using writer = openRedis(server.url, { prefix })
  await using store = openRedis(`redis://127.0.0.1:${proxy.port}`, { prefix, retryForMs: 20_000 })
  await writer.create(aJob({ id: 'a' }))
  const readings = [new Reading(store.subscribe()), new Reading(store.subscribe({ jobId: 'a' }))]
  const sights = new Reading(store.watch('a'))
  await sights.has(1)
  await writer.updateProgress('a', { percent: 1 })
  for (const reading of readings) await reading.has(1)

  proxy.freeze()
  for (let percent = 2; percent <= 50; percent++) await writer.updateProgress('a', { percent })
  await writer.compact({ before: new Date(Date.now() + HOUR_MS) })
  await writer.updateProgress('a', { percent: 51 })
  proxy.thaw()

  for (const reading of readings) {
    const error = await eventually(() => reading.outcome ?? assert.fail('it goes on'), { timeoutMs: 15_000 })
    assert.ok(error instanceof CursorGapError)
    const versions = reading.all.map(({ version }) => version)
    assert.deepEqual(
      versions,
      versions.map((_, index) => index + 2),
      'what came is without a gap',
    )
  }
  await eventually(() => assert.equal(sights.all.at(-1)?.job?.progress.percent, 51))
  assert.ok(
    sights.all.slice(1).some(({ event }) => event === null),
    'the state came again',
  )
  await writer.updateProgress('a', { percent: 52 })
  await eventually(() => assert.equal(sights.all.at(-1)?.event?.data.progress?.percent, 52))
})

test.run()
