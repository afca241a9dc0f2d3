import type { Job, JobCore } from '../core/job.ts'
import { EventSourcedStore } from '../store.ts'
import type { RedisTarget } from './client.ts'
import { RedisBackend } from './redis-backend.ts'
import { readRedisOptions, type RedisStoreOptions } from './settings.ts'

/** Jobs in Redis, for any number of instances. */
export class RedisJobStore<T extends JobCore = Job> extends EventSourcedStore<T> {
  /**
   * @param redis an ioredis client or cluster of the caller's (never closed by the store), a URL, or options. Default redis://localhost:6379.
   * @throws InvalidConfigError
   */
  constructor(redis?: RedisTarget, options: RedisStoreOptions = {}) {
    super(new RedisBackend(redis, (isCluster) => readRedisOptions(options, isCluster)), options)
  }
}
