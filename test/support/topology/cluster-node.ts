import { Redis } from 'ioredis'

import { freePort } from '../free-port.ts'
import { startRedis, type RedisServer } from '../redis-server.ts'

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
  const busPort = await freePort()
  const own = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`, '--cluster-node-timeout', '1000']
  const server = await startRedis({ args: [...own, '--repl-diskless-sync-delay', '0', ...args] })
  const admin = new Redis(server.url, { maxRetriesPerRequest: null })
  // Without a listener ioredis prints each error, and servers are killed here on purpose.
  admin.on('error', () => {})
  return { server, admin, busPort, id: await admin.cluster('MYID') }
}
