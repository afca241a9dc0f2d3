import type { Cluster, Redis } from 'ioredis'

import { checkSweeper } from '../../diagnosis/check-sweeper.ts'
import type { Finding } from '../../diagnosis/finding.ts'
import { keysOf } from '../keys.ts'
import { loadScripts } from '../scripts.ts'
import { checkJobs, checkRefusals } from './check-jobs.ts'
import { checkEviction, checkMemory } from './check-memory.ts'
import { checkLogs, checkPartitions } from './check-partitions.ts'
import { checkPermissions } from './check-permissions.ts'
import { checkPersistence } from './check-persistence.ts'
import { checkCluster, checkReplicas, checkServer } from './check-server.ts'
import { majorVersionOf, type NodeFacts, type PermissionFacts, type StoreFacts } from './facts.ts'
import { readNodes } from './read-node.ts'
import { readPermissions } from './read-permissions.ts'
import { readStore } from './read-store.ts'

/**
 * Looks at a store in Redis and at the servers under it: whether they are set so that the store's promises hold. Changes
 * nothing.
 * @param expectedPartitions null for as many as there are
 * @throws what the client throws if a server can't be reached
 */
export async function diagnoseRedis(
  redis: Redis | Cluster,
  prefix: string,
  expectedPartitions: number | null,
): Promise<Finding[]> {
  // Of a Cluster, the slots are known once something was asked.
  const store = await readStore(redis, prefix, expectedPartitions)
  const nodes = await readNodes(redis)
  const permissions = await permissionsOf(redis, prefix, nodes)
  return [...checkNodes(nodes), checkPermissions(permissions), ...checkStore(store)]
}

/** In the first partition; null where it can't be tried. */
async function permissionsOf(
  redis: Redis | Cluster,
  prefix: string,
  nodes: readonly NodeFacts[],
): Promise<PermissionFacts | null> {
  const probe = loadScripts(majorVersionOf(nodes)).probe.lua
  try {
    return await readPermissions(redis, keysOf(prefix, 0), { probe, isDurable: false })
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return null
    throw error
  }
}

/** Findings about the servers alone. */
export function checkNodes(nodes: readonly NodeFacts[]): Finding[] {
  const checks = [checkServer, checkPersistence, checkEviction, checkMemory, checkReplicas, checkCluster]
  return nodes.flatMap((node) => checks.map((check) => check(node, nodes.length === 1 ? null : node.address)))
}

/** Findings about the store alone. */
export function checkStore(store: StoreFacts): Finding[] {
  const sweep = { ...store, overdue: overdueOf(store) }
  return [checkPartitions(store), ...checkLogs(store), checkJobs(store), checkSweeper(sweep), ...checkRefusals(store)]
}

/** Jobs whose time has come and that nobody has removed yet. */
export function overdueOf({ partitions }: StoreFacts): number {
  return partitions.reduce((sum, { overdue }) => sum + overdue, 0)
}
