import { Redis } from 'ioredis'

import { freePort } from '../free-port.ts'
import { PortTakenError, startRedis, type RedisServer } from '../redis-server.ts'

const BUS_PORT_ATTEMPTS = 5

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
  const { server, busPort } = await startServer(['--repl-diskless-sync-delay', '0', ...args])
  const admin = new Redis(server.url, { maxRetriesPerRequest: null })
  // Without a listener ioredis prints each error, and servers are killed here on purpose.
  admin.on('error', () => {})
  return { server, admin, busPort, id: await admin.cluster('MYID') }
}

/** startRedis() tries other ports for clients only. */
async function startServer(args: string[]): Promise<{ server: RedisServer; busPort: number }> {
  for (let attempt = 1; ; attempt++) {
    const busPort = await freePort()
    const own = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`, '--cluster-node-timeout', '1000']
    try {
      return { server: await startRedis({ args: [...own, ...args] }), busPort }
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === BUS_PORT_ATTEMPTS) throw error
    }
  }
}
