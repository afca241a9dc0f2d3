import { Redis } from 'ioredis'

import { freePort } from '../free-port.ts'
import { onFreePorts, startRedis, type RedisServer } from '../redis-server.ts'

/** One server of a Cluster. */
export interface ClusterNode {
  server: RedisServer
  /** As the Cluster names it. */
  id: string
  busPort: number
  admin: Redis
}

/** Starts a server that knows no other yet. A primary is taken for dead after a second. */
export async function startClusterNode(args: string[]): Promise<ClusterNode> {
  const started = await onFreePorts(async () => {
    const busPort = await freePort()
    const own = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`, '--cluster-node-timeout', '1000']
    return { server: await startRedis({ args: [...own, '--repl-diskless-sync-delay', '0', ...args] }), busPort }
  })
  const admin = new Redis(started.server.url, { maxRetriesPerRequest: null })
  // Without a listener ioredis prints each error, and servers are killed here on purpose.
  admin.on('error', () => {})
  return { ...started, admin, id: await admin.cluster('MYID') }
}
