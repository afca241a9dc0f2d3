import { Queue, type Job as QueueJob } from 'bullmq'
import { Redis } from 'ioredis'

import type { JobCore, JobProgress, JobStore } from '../../src/index.ts'
import { encodeJob } from '../contenders/plain-ioredis.ts'

/** Something that keeps jobs in Redis, and whose bytes are counted. */
export interface SizeSubject {
  readonly name: string
  /** A job, and which of all it is. */
  create(job: JobCore, index: number): Promise<unknown>
  progress(job: JobCore, index: number, progress: JobProgress): Promise<unknown>
  finish(job: JobCore, index: number, result: unknown): Promise<unknown>
  /** What a key is for. */
  kindOf: (key: string) => string
  close(): Promise<unknown>
}

export function ownSubject(store: JobStore<JobCore>): SizeSubject {
  return {
    name: 'jobledger redis',
    create: (job) => store.create(job),
    progress: ({ id }, _, progress) => store.updateProgress(id, progress),
    finish: ({ id }, _, result) => store.update(id, { status: 'completed', result }),
    kindOf: (key) => /\}:([^:]+)/.exec(key)?.[1] ?? key,
    close: () => store.close(),
  }
}

/** The way of the requirements document. */
export function plainSubject(url: string): SizeSubject {
  const redis = new Redis(url)
  return {
    name: 'plain ioredis',
    create: async (job) => {
      await redis.hset(`job:${job.id}`, encodeJob(job))
      await redis.sadd(`user:${job.userId}:jobs`, job.id)
      await redis.expireat(`job:${job.id}`, Math.floor(job.expiresAt.getTime() / 1000))
    },
    progress: ({ id }, _, progress) => redis.hset(`job:${id}`, 'progress', JSON.stringify(progress)),
    finish: ({ id }, _, result) =>
      redis.hset(
        `job:${id}`,
        'status',
        'completed',
        'completedAt',
        new Date().toISOString(),
        'result',
        JSON.stringify(result),
      ),
    kindOf: (key) => /^[^:]+/.exec(key)?.[0] ?? key,
    close: () => redis.quit(),
  }
}

/** The body as data; BullMQ keeps times, attempts and progress in its own way. A result is put into the data: there is no worker. */
export function bullMqSubject(url: string): SizeSubject {
  const { hostname, port } = new URL(url)
  const queue = new Queue('size', { connection: { host: hostname, port: Number(port) } })
  const jobs: QueueJob[] = []
  return {
    name: 'BullMQ',
    create: async (job, index) => {
      jobs[index] = await queue.add('transcode', bodyOf(job), { jobId: job.id })
    },
    progress: async (_, index, progress) => jobs[index]?.updateProgress(progress),
    finish: async (_, index, result) => {
      const job = jobs[index]
      await job?.updateData({ ...(job.data as object), result })
    },
    kindOf: (key) => /^bull:size:(wait|events|meta|id|marker)$/.exec(key)?.[1] ?? 'job',
    close: () => queue.close(),
  }
}

/** Its user, and what it is about. */
function bodyOf(job: JobCore): object {
  return Object.fromEntries(Object.entries(job).filter(([field]) => !KEPT_OTHERWISE.has(field)))
}

const KEPT_OTHERWISE = new Set(['id', 'status', 'progress', 'retryCount', 'maxRetries', 'createdAt', 'expiresAt'])
