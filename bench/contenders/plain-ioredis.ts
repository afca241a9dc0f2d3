import { Redis } from 'ioredis'

import type { Job, JobCore, JobProgress } from '../../src/index.ts'
import { runAll } from '../measure.ts'
import { aRecord, COUNTED, FIRST_CREATED, idOf, JOBS, JOBS_A_USER, progressOf, userOf } from '../record.ts'
import type { Contender, Task, Verb } from './contender.ts'

/** One call of these fetches a thousand or ten thousand hashes: more at once would fill the heap, not the server. */
const LISTS_IN_FLIGHT = 8
const COUNTS_IN_FLIGHT = 2

/**
 * The way of the requirements document, by the letter: a hash a job, a set of ids a user, EXPIREAT; one connection. It
 * keeps no history.
 */
export class PlainIoredis implements Contender {
  readonly name = 'plain ioredis'
  readonly isOnServer = true
  readonly #redis: Redis
  #created = FIRST_CREATED

  constructor(url: string, db: number) {
    this.#redis = new Redis(url, { db })
  }

  async fill(): Promise<void> {
    await runAll(JOBS, (turn) => this.#create(aRecord(turn)))
  }

  async begin(verb: Verb): Promise<Task | null> {
    switch (verb) {
      case 'create':
        return { run: () => this.#create(aRecord(this.#created++)) }
      case 'updateProgress':
        return { run: (turn) => this.#updateProgress(idOf(turn % JOBS), progressOf(turn)) }
      case 'findById':
      case 'findByIdCold':
        return { run: (turn) => this.#findById(idOf(turn % JOBS)) }
      case 'findByUserId':
        return {
          run: (turn) => this.#findByUserId(userOf((turn * JOBS_A_USER) % JOBS)),
          maxInFlight: LISTS_IN_FLIGHT,
        }
      case 'countByStatus':
        return { run: () => this.#countByStatus(COUNTED), maxInFlight: COUNTS_IN_FLIGHT }
      case 'history':
        return null
    }
  }

  async close(): Promise<void> {
    await this.#redis.quit()
  }

  async #create(job: Job): Promise<void> {
    await this.#redis.hset(`job:${job.id}`, encodeJob(job))
    await this.#redis.sadd(`user:${job.userId}:jobs`, job.id)
    await this.#redis.expireat(`job:${job.id}`, Math.floor(job.expiresAt.getTime() / 1000))
  }

  async #findById(id: string): Promise<Job | null> {
    const fields = await this.#redis.hgetall(`job:${id}`)
    return Object.keys(fields).length > 0 ? decode(fields) : null
  }

  async #findByUserId(userId: string): Promise<Job[]> {
    const ids = await this.#redis.smembers(`user:${userId}:jobs`)
    const jobs = await Promise.all(ids.map((id) => this.#findById(id)))
    const found = jobs.filter((job) => job !== null)
    found.sort((left, right) => right.createdAt.getTime() - left.createdAt.getTime())
    return found.slice(0, 20)
  }

  async #updateProgress(id: string, progress: JobProgress): Promise<Job | null> {
    if ((await this.#redis.hget(`job:${id}`, 'id')) === null) return null
    await this.#redis.hset(`job:${id}`, 'progress', JSON.stringify(progress))
    return this.#findById(id)
  }

  async #countByStatus(status: string): Promise<number> {
    let count = 0
    let cursor = '0'
    do {
      const [next, keys] = await this.#redis.scan(cursor, 'MATCH', 'job:*', 'COUNT', 1000)
      const statuses = await Promise.all(keys.map((key) => this.#redis.hget(key, 'status')))
      count += statuses.filter((found) => found === status).length
      cursor = next
    } while (cursor !== '0')
    return count
  }
}

/** A job as the requirements document keeps it: a text a field. */
export function encodeJob(job: JobCore): Record<string, string | number> {
  const fields: Record<string, string | number> = {}
  for (const [field, value] of Object.entries(job)) {
    if (value instanceof Date) fields[field] = value.toISOString()
    else if (typeof value === 'object') fields[field] = JSON.stringify(value)
    else fields[field] = value as string | number
  }
  return fields
}

const DATES = new Set(['createdAt', 'queuedAt', 'startedAt', 'completedAt', 'expiresAt'])
const OBJECTS = new Set(['options', 'videoMetadata', 'progress', 'result', 'error', 'webhook'])
const NUMBERS = new Set(['retryCount', 'maxRetries'])

function decode(fields: Record<string, string>): Job {
  const job: Record<string, unknown> = {}
  for (const field in fields) {
    const value = fields[field] as string
    if (DATES.has(field)) job[field] = new Date(value)
    else if (OBJECTS.has(field)) job[field] = JSON.parse(value)
    else job[field] = NUMBERS.has(field) ? Number(value) : value
  }
  return job as unknown as Job
}
