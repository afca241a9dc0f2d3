import { Cluster, type Redis } from 'ioredis'

import { clientOf } from '../../../src/redis/client.ts'

/** Works on the server of a URL; of a Cluster's URL on each of its primaries, one after the other. */
export async function onEachServer(url: string, work: (redis: Redis) => Promise<void>): Promise<void> {
  const { redis } = clientOf(url)
  try {
    await redis.connect()
    for (const server of redis instanceof Cluster ? redis.nodes('master') : [redis]) await work(server)
  } finally {
    redis.disconnect()
  }
}
