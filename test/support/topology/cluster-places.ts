import { randomUUID } from 'node:crypto'

import { Cluster } from 'ioredis'

import { RedisJobStore } from '../../../src/redis/redis-job-store.ts'
import type { AnyJob, StoreFactory } from '../../contract/harness.ts'
import { removeKeys } from '../redis-places.ts'
import { ClusterTopology } from './cluster.ts'

/** Places on one Cluster of three nodes, each under a prefix of its own; all stores share a client, which costs less. */
export class ClusterPlaces implements StoreFactory, AsyncDisposable {
  readonly persists = true
  #topology: Promise<ClusterTopology> | undefined
  #client: Cluster | undefined

  async newPlace(): ReturnType<StoreFactory['newPlace']> {
    this.#topology ??= ClusterTopology.start()
    const { nodes } = await this.#topology
    const client = (this.#client ??= new Cluster(nodes.map(({ server }) => ({ host: server.host, port: server.port }))))
    const prefix = `test-${randomUUID()}`
    return {
      open: (own) => new RedisJobStore<AnyJob>(client, { ...own, prefix }),
      dispose: async () => {
        for (const { admin } of nodes) await removeKeys(admin, prefix)
      },
    }
  }

  /** Keys on each of the nodes. */
  async sizes(): Promise<number[]> {
    const { nodes } = (await this.#topology) ?? { nodes: [] }
    return Promise.all(nodes.map(({ admin }) => admin.dbsize()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.disconnect()
    await (await this.#topology)?.[Symbol.asyncDispose]()
  }
}
