import { randomUUID } from 'node:crypto'

import { RedisJobStore } from '../../../src/redis/redis-job-store.ts'
import type { AnyJob, StoreFactory } from '../../contract/harness.ts'
import { removeKeys } from '../redis-places.ts'
import { ClusterTopology } from './cluster.ts'

/** Places on one Cluster of three nodes, each under a prefix of its own; it dies with the process. */
export function clusterPlaces(): StoreFactory {
  let started: Promise<ClusterTopology> | undefined
  return {
    persists: true,
    newPlace: async () => {
      started ??= ClusterTopology.start()
      const { url, nodes } = await started
      const prefix = `test-${randomUUID()}`
      return {
        open: (own) => new RedisJobStore<AnyJob>(url, { ...own, prefix }),
        dispose: async () => {
          for (const { admin } of nodes) await removeKeys(admin, prefix)
        },
      }
    },
  }
}
