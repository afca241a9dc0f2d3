import { Redis } from 'ioredis'

import { createMany } from '../contract/jobs.ts'
import { startRedis, type RedisServer } from './redis-server.ts'
import { openRedis } from './redis-store.ts'

/** A server with a store of a few jobs under the prefix `jobs`. */
export async function serverWithStore(args: string[]): Promise<RedisServer> {
  const server = await startRedis({ args })
  const store = openRedis(server.url, { prefix: 'jobs' })
  await createMany(store, 5)
  await store.updateProgress('job-00002', { percent: 50 })
  await store.close()
  return server
}

/** Tells a server something on a connection of its own. */
export async function tell(server: RedisServer, work: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(server.url)
  try {
    await work(redis)
  } finally {
    redis.disconnect()
  }
}
