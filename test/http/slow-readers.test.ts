import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { suite } from 'uvu'

import { BUFFERED_EVENTS } from '../../src/http/service.ts'
import { aJob } from '../contract/jobs.ts'
import { openService } from './support/service.ts'
import { SseReader } from './support/sse-reader.ts'

const test = suite('What waits for a client that does not read')

/** Messages that the stream itself holds, in 16 KiB of text; each has more than 160 bytes. */
const MOST_WRITTEN = 100

test('for the stream of a job no more events are held than for others; the state stands for what came since', async () => {
  await using service = openService()
  const { store } = service
  await store.create(aJob({ userId: 'ann' }))
  const reader = new SseReader(await service.ask('/jobs/job-1/events'))
  const steps = 3 * BUFFERED_EVENTS
  for (let step = 1; step <= steps; step++) {
    await store.updateProgress('job-1', { percent: 1, step })
    if (step % 100 === 0) await nextTurn()
  }
  await reader.take(1)
  let held = 0
  let next = await reader.next()
  for (; next?.event === 'message'; next = await reader.next()) held++
  assert.ok(held > 0 && held <= BUFFERED_EVENTS + MOST_WRITTEN, `${held} events were held`)
  assert.deepEqual([next?.event, next?.data.progress.step], ['state', steps])
  await store.updateStatus('job-1', 'queued')
  assert.equal((await reader.take(1))[0]?.data.version, steps + 2)
  await reader.cancel()
})

test.run()
