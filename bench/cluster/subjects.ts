import type { JobStore } from '../../src/index.ts'
import { startRedis } from '../../test/support/redis-server.ts'
import { ClusterTopology } from '../../test/support/topology/cluster.ts'
import type { Built } from '../build.ts'
import { Jobledger } from '../contenders/jobledger.ts'
import type { Contender } from '../contenders/contender.ts'
import { ServerClock } from '../server-clock.ts'

const PARTITIONS = 16

/** A store on one server, or on several. */
export interface Subject extends AsyncDisposable {
  name: string
  contender: Contender
  /** Of each server. */
  clocks: ServerClock[]
}

/** The same jobs on one server, as one partition and as many, and on a Cluster of three nodes. All on this machine. */
export async function openSubjects(built: Built): Promise<Subject[]> {
  const server = await startRedis()
  const cluster = await ClusterTopology.start()
  const onServer = (partitions: number): JobStore =>
    built.exports.createJobStore({ type: 'redis', url: server.url, prefix: `p${partitions}`, partitions })
  const onCluster = (): JobStore =>
    built.exports.createJobStore({ type: 'redis', url: cluster.url, partitions: PARTITIONS })
  const urls = cluster.nodes.map((node) => node.server.url)
  return [
    subject('1 server, 1 partition', [server.url], () => onServer(1)),
    subject(`1 server, ${PARTITIONS} partitions`, [server.url], () => onServer(PARTITIONS), server),
    subject(`Cluster of ${urls.length}, ${PARTITIONS} partitions`, urls, onCluster, cluster),
  ]
}

/** @param place goes with the subject; the last one on it brings it */
function subject(name: string, urls: readonly string[], open: () => JobStore, place?: AsyncDisposable): Subject {
  const contender = new Jobledger('redis', open)
  const clocks = urls.map((url) => new ServerClock(url))
  return {
    name,
    contender,
    clocks,
    async [Symbol.asyncDispose]() {
      await contender.close()
      await Promise.all(clocks.map((clock) => clock.close()))
      await place?.[Symbol.asyncDispose]()
    },
  }
}
