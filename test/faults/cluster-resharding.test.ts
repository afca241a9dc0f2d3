import { setTimeout as delay } from 'node:timers/promises'

import { partitionOf } from '../../src/core/order.ts'
import { keysOf } from '../../src/redis/keys.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { ClusterTopology } from '../support/topology/cluster.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { inspect } from './harness/oracles.ts'
import { givenUp } from './harness/traffic.ts'
import { Fleet } from './support/fleet.ts'
import { sliceFaults } from './support/followed-log.ts'

const PARTITIONS = 16

faultTest({
  name: 'Cluster resharding',
  promises: ['P17', 'P8'],
  // Slots that are moved; the partitions' are among them.
  amount: { short: 24, long: 1000 },
  floor: (amount) => Math.min(amount, PARTITIONS),
  mutants: ['scripts run on a slot that is on the move'],
  run: reshard,
})

/** Slots go to the next primary, and back, while all is written and read. */
async function reshard(context: ScenarioContext): Promise<Outcome> {
  await using cluster = await ClusterTopology.start()
  const place = { url: cluster.url, prefix: randomPrefix(), partitions: PARTITIONS }
  const bases = Array.from({ length: PARTITIONS }, (_, partition) => keysOf(place.prefix, partition).meta)
  const occupied = await Promise.all(bases.map((key) => cluster.slotOf(key)))
  await using fleet = await Fleet.start(context, place)
  let moves = 0
  const move = async (slot: number): Promise<void> => {
    const owner = await cluster.ownerOf(slot)
    const primaries = cluster.nodes.slice(0, 3)
    const target = primaries[(primaries.indexOf(owner) + 1) % 3]
    if (target === undefined) return
    // Keys stay on both sides for a while, as those of a large partition do.
    const before = fleet.sent
    await cluster.move(slot, target, () => delay(5))
    if (occupied.includes(slot) && fleet.sent > before) moves++
  }
  const others = Array.from({ length: Math.max(0, context.amount - PARTITIONS) }, () =>
    Math.floor(context.random() * 16_384),
  )
  try {
    for (const slot of [...occupied, ...others].slice(0, context.amount)) await move(slot)
    for (const slot of occupied) await move(slot)
  } catch (error) {
    // Who writes beside what is still to come stops the move for good.
    return { hits: moves, violations: [`P17: a slot could not be moved: ${String(error)}`] }
  }
  const { entries, slices, violations } = await fleet.end()
  const { events, violations: found } = await inspect(place, entries)
  violations.push(...found, ...givenUp({ entries }), ...sliceFaults(slices, events))
  const spread = new Set(entries.map(({ jobId }) => partitionOf(jobId, PARTITIONS))).size
  return {
    hits: moves,
    violations,
    figures: `${entries.length} commands in ${spread} partitions, ${events.length} events`,
  }
}
