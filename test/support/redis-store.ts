import { randomBytes } from 'node:crypto'

import { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import type { RedisStoreOptions } from '../../src/redis/settings.ts'
import type { AnyJob } from '../contract/harness.ts'

/** A prefix that no other test has. */
export function randomPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}`
}

/** A store under a prefix of its own, without a sweeper, that gives up after 5 s, and warns of nothing. */
export function openRedis(
  target: ConstructorParameters<typeof RedisJobStore>[0],
  options: RedisStoreOptions = {},
): RedisJobStore<AnyJob> {
  const quiet = { prefix: randomPrefix(), sweepIntervalMs: 0, retryForMs: 5000, onWarning: () => {} }
  return new RedisJobStore<AnyJob>(target, { ...quiet, ...options })
}
