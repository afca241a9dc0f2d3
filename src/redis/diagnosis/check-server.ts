import { Topic, type Finding } from '../../diagnosis/finding.ts'
import type { NodeFacts } from './facts.ts'

/** Which server it is, and whether the store's scripts run there as they should. */
export function checkServer({ kind, version }: NodeFacts, where: string | null): Finding {
  const topic = new Topic('server', where)
  if (version === null)
    return topic.unknown(kind, 'INFO says no version. The store needs Redis 6.2 or later, or Valkey.')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const name = `${kind} ${version}`
  if (major < 6 || (major === 6 && minor < 2))
    return topic.fail(name, 'Update to Redis 6.2 or later, or Valkey: the scripts use commands that this server lacks.')
  if (major < 7)
    return topic.warn(name, 'From version 7 on, a full or read-only server refuses a script before its first line.')
  return topic.ok(name)
}

/** Whether it is the one that takes writes, and its replicas keep up. */
export function checkReplicas({ role, replicas }: NodeFacts, where: string | null): Finding {
  const topic = new Topic('replicas', where)
  if (role === 'replica')
    return topic.fail(
      'this server is a replica',
      'Give the store the address of the primary: a replica refuses writes.',
    )
  if (role === null || replicas === null) return topic.unknown('INFO does not say', 'Ask who runs the server.')
  if (replicas.length === 0) return topic.ok('none: one server, no failover')
  const list = replicas.map(({ address, state, lagSeconds, bytesBehind }) => {
    return `${address} ${state}, ${lagSeconds ?? '?'} s and ${bytesBehind ?? '?'} bytes behind`
  })
  const isBehind = replicas.some(({ state, lagSeconds }) => state !== 'online' || (lagSeconds ?? 0) > MOST_LAG_SECONDS)
  if (isBehind)
    return topic.warn(
      list.join('; '),
      'A failover now would lose what the replica lacks: look at its network and load.',
    )
  return topic.ok(list.join('; '))
}

/** A healthy replica is heard of every second. */
const MOST_LAG_SECONDS = 10

/** Whether it is part of a Cluster, and that is whole. */
export function checkCluster({ cluster }: NodeFacts, where: string | null): Finding {
  const topic = new Topic('cluster', where)
  if (cluster.isEnabled === null) return topic.unknown('INFO does not say', 'Ask who runs the server.')
  if (!cluster.isEnabled) return topic.ok('off')
  if (cluster.state === null)
    return topic.unknown('on', 'CLUSTER INFO is refused: whether all slots are served is not known.')
  if (cluster.state === 'ok') return topic.ok('on, all slots are served')
  return topic.fail(
    `on, state ${cluster.state}`,
    'Slots are not served: jobs whose partition is there can be neither read nor written.',
  )
}
