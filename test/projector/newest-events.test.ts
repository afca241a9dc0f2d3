import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { START } from '../../src/core/cursor.ts'
import { MemoryBackend } from '../../src/memory/memory-backend.ts'
import { JOB_BYTES, newestEvents } from '../../src/projector/newest-events.ts'
import { EventSourcedStore } from '../../src/store.ts'
import type { AnyJob } from '../contract/harness.ts'
import { jobsOf } from '../contract/jobs.ts'

const test = suite('the newest events of all jobs')

for (const jobsAtOnce of [1_000_000, 700, 100, 1]) {
  test(`are given once each, in slices once there are more than ${jobsAtOnce}`, async () => {
    const backend = new MemoryBackend(Date.now, 'epoch')
    const store = new EventSourcedStore<AnyJob>(backend, { sweepIntervalMs: 0 })
    const jobs = jobsOf('user-1', 1500)
    await Promise.all(jobs.map((job) => store.create(job)))
    const third = jobs.filter((_, index) => index % 3 === 0)
    await Promise.all(third.map((job) => store.updateProgress(job.id, { percent: 1 })))
    const end = (await backend.bounds()).newest[0] ?? START
    await store.updateStatus('job-00000', 'queued')

    const given = new Map<string, string>()
    const fractions: number[] = []
    let events = 0
    let largest = 0
    const onPage = (passed: number, fraction: number): void => {
      events = Math.max(events, passed)
      fractions.push(fraction)
    }
    const slices = newestEvents(backend, 0, { from: START, through: end, onPage, sliceBytes: jobsAtOnce * JOB_BYTES })
    for await (const slice of slices) {
      largest = Math.max(largest, slice.size)
      for (const [jobId, eventId] of slice) {
        assert.ok(!given.has(jobId), `${jobId} was given twice`)
        given.set(jobId, eventId)
      }
    }
    assert.equal(given.size, jobs.length)
    assert.equal(given.get('job-00000'), '1501', 'what came after the end is left out')
    assert.equal(given.get('job-00001'), '2')
    assert.equal(given.get('job-01497'), '2000')
    assert.equal(events, 2000)
    assert.equal(largest < jobs.length, jobsAtOnce < jobs.length, `${largest} at once`)
    assert.ok(fractions.every((fraction) => fraction >= 0 && fraction <= 1))
    await store.close()
  })
}

test.run()
