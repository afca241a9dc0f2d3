import type { Cluster, Redis } from 'ioredis'

import { addressOf } from '../client.ts'
import type { NodeFacts, ReplicaFacts } from './facts.ts'
import { isValue, numberOf, parseInfo } from './info.ts'

/** Asks the server of a client, or each primary of a Cluster, about itself. */
export function readNodes(redis: Redis | Cluster): Promise<NodeFacts[]> {
  return Promise.all(('nodes' in redis ? redis.nodes('master') : [redis]).map(readNode))
}

/**
 * Asks one server about itself: INFO, and CONFIG for what INFO does not say. What it refuses stays null; that it can't be
 * reached is thrown.
 */
async function readNode(redis: Redis): Promise<NodeFacts> {
  const [text, clusterText, fsync, pauses, rules, policy] = await Promise.all([
    orNull(redis.info()),
    orNull(redis.cluster('INFO')),
    setting(redis, 'appendfsync'),
    setting(redis, 'no-appendfsync-on-rewrite'),
    setting(redis, 'save'),
    setting(redis, 'maxmemory-policy'),
  ])
  const info = parseInfo(text ?? '')
  const role = info.get('role')
  return {
    address: addressOf(redis),
    kind: info.get('server_name') ?? 'redis',
    version: info.get('valkey_version') ?? info.get('redis_version') ?? null,
    role: role === 'master' ? 'primary' : role === 'slave' ? 'replica' : null,
    aof: {
      isOn: isValue(info, 'aof_enabled', '1'),
      fsync,
      pausesOnRewrite: pauses === null ? null : pauses === 'yes',
      isLastWriteOk: isValue(info, 'aof_last_write_status', 'ok'),
      isLastRewriteOk: isValue(info, 'aof_last_bgrewrite_status', 'ok'),
    },
    rdb: { rules, isLastSaveOk: isValue(info, 'rdb_last_bgsave_status', 'ok') },
    memory: {
      usedBytes: numberOf(info, 'used_memory'),
      limitBytes: numberOf(info, 'maxmemory'),
      systemBytes: numberOf(info, 'total_system_memory'),
      policy: policy ?? info.get('maxmemory_policy') ?? null,
    },
    replicas: replicasOf(info),
    cluster: {
      isEnabled: isValue(info, 'cluster_enabled', '1'),
      state: parseInfo(clusterText ?? '').get('cluster_state') ?? null,
    },
  }
}

/** Managed Redis has no CONFIG, or renames it. */
async function setting(redis: Redis, name: string): Promise<string | null> {
  const reply = await orNull(redis.config('GET', name) as Promise<string[]>)
  return reply?.[1] ?? null
}

/** null for what the server answers with an error; a lost connection is no answer. */
async function orNull<R>(answer: Promise<R>): Promise<R | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return null
    throw error
  }
}

function replicasOf(info: ReadonlyMap<string, string>): ReplicaFacts[] | null {
  const count = numberOf(info, 'connected_slaves')
  if (count === null) return null
  const end = numberOf(info, 'master_repl_offset')
  return Array.from({ length: count }, (_, index) => {
    const fields = new Map(
      (info.get(`slave${index}`) ?? '').split(',').map((pair) => pair.split('=') as [string, string]),
    )
    const offset = numberOf(fields, 'offset')
    return {
      address: `${fields.get('ip') ?? '?'}:${fields.get('port') ?? '?'}`,
      state: fields.get('state') ?? 'unknown',
      lagSeconds: numberOf(fields, 'lag'),
      bytesBehind: offset === null || end === null ? null : Math.max(0, end - offset),
    }
  })
}
