/**
 * A worker: sees each job that is created, and does those that it gets hold of. Any number of it may run.
 *
 * The store is no queue: a job that a worker dies over stays `processing`. Where that matters, let a queue hand the jobs
 * out, or look for those whose last event is old.
 */
import { setTimeout as delay } from 'node:timers/promises'

import { VersionConflictError, type EventMeta, type Job } from '../../src/index.ts'
import { readEnvironment } from './environment.ts'

/** How long a quarter of the work takes. */
const STEP_MS = Number(process.env['STEP_MS'] ?? 100)

const { name, store, ending } = readEnvironment()
await store.ready()
process.send?.('ready')
// From the log's start: what was created while no worker ran is waiting too.
for await (const { jobId, meta } of store.subscribe({ types: ['created'], after: 'start', signal: ending })) {
  const own: EventMeta = {
    actor: name,
    ...(meta?.correlationId !== undefined && { correlationId: meta.correlationId }),
  }
  if (await claim(jobId, own)) await work(jobId, own)
}
await store.close()
if (process.connected) process.disconnect()

/** Of those who want a pending job, one gets it: only the first finds it at the version that all have seen. */
async function claim(id: string, meta: EventMeta): Promise<boolean> {
  const record = await store.findRecord(id)
  if (record?.job.status !== 'pending') return false
  try {
    return (await store.updateStatus(id, 'processing', { expectedVersion: record.version, meta })) !== null
  } catch (error) {
    if (error instanceof VersionConflictError) return false
    throw error
  }
}

async function work(id: string, meta: EventMeta): Promise<void> {
  for (const percent of [25, 50, 75]) {
    await delay(STEP_MS)
    await store.updateProgress(id, { percent, stage: 'encoding' }, { meta })
  }
  await delay(STEP_MS)
  const done: Partial<Job> = { status: 'completed', progress: { percent: 100 }, result: { url: `/videos/${id}` } }
  await store.update(id, done, { meta })
}
