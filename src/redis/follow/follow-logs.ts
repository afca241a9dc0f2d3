import { setMaxListeners } from 'node:events'
import type { Deliver } from '../../backend.ts'
import { START, type Position } from '../../core/cursor.ts'
import { Follower, type Following } from './follower.ts'
import type { PartitionLog } from './log-connection.ts'

/**
 * Follows all partitions on one connection; in a Cluster, where no call can read two slots, on one a partition.
 * @param after a position for each partition
 * @returns when the signal aborts, or any position is no longer there
 */
export async function followLogs(
  following: Following,
  after: readonly Position[],
  deliver: Deliver,
  signal: AbortSignal,
): Promise<void> {
  const { client, logs } = following
  const groups: (readonly PartitionLog[])[] = client.isCluster ? logs.map((log) => [log]) : [logs]
  const ended = new AbortController()
  const until = AbortSignal.any([signal, ended.signal])
  // One for each partition, as it should be: Node would warn of a leak.
  setMaxListeners(0, until)
  const works = groups.map((group) => {
    const positions = group.map(({ index }) => after[index] ?? START)
    const follower = new Follower({ ...following, logs: group }, positions)
    return follower.follow(deliver, until).finally(() => ended.abort())
  })
  await Promise.allSettled(works)
  await Promise.all(works)
}
