import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { createHandler } from '../../src/http/index.ts'
import { isStreamId } from '../../src/redis/stream-id.ts'
import { collect } from '../contract/assertions.ts'
import { createMany } from '../contract/jobs.ts'
import { authorizeByHeader, requestOf } from '../http/support/service.ts'
import { openWorkshop } from './support.ts'

const test = suite('Damaged cursors of a store on Redis')

test('over HTTP they are 400, not a failure of the server', async () => {
  await using workshop = await openWorkshop()
  const { store } = workshop
  await createMany(store, 3)
  const cursor = (await collect(store.events())).at(-1)?.cursor ?? ''
  const told: unknown[] = []
  const handler = createHandler(store, { authorize: authorizeByHeader, onError: (error) => told.push(error) })
  for (const path of ['/events', '/jobs/job-00001/events'])
    for (let cut = 1; cut < 16; cut++) {
      const headers = { 'Last-Event-ID': cursor.slice(0, -cut) }
      const response = await handler(requestOf(path, { as: 'admin', headers }))
      const { code } = (await response.json()) as { code: string }
      assert.deepEqual([response.status, code], [400, 'INVALID_CURSOR'], cursor.slice(0, -cut))
    }
  assert.deepEqual(told, [])
})

test("another event's key is none that the number has: the log was rewound", async () => {
  await using workshop = await openWorkshop()
  const { store, redis, keys } = workshop
  await createMany(store, 3)
  const [event] = await collect(store.events())
  const [, second] = await redis.xrange(keys.events, '-', '+')
  const after = (event?.cursor ?? '').replace(/_.*/, `_${second?.[0]}`)
  await assert.rejects(collect(store.events({ after })), { code: 'LOG_REWOUND' })
})

test('an id of a stream is two numbers of 64 bits as Redis writes them, and not the last one', () => {
  const largest = 2n ** 64n - 1n
  for (const id of ['0-1', '1-0', '1732921200000-12', `${largest}-0`, `${largest}-${largest - 1n}`, `0-${largest}`])
    assert.ok(isStreamId(id), id)
  const wrong = ['', '0', '1732921200000', '1-', '-1', '1-1-1', '01-1', '1-01', '1-1 ', '+1-1', `${largest + 1n}-0`]
  for (const id of [...wrong, `0-${largest + 1n}`, `${largest}-${largest}`, '-', '+', '$', '99999999999999999999-0'])
    assert.ok(!isStreamId(id), id)
})

test.run()
