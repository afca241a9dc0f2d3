import assert from 'node:assert/strict'

import { eventually } from '../support/eventually.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { ClusterTopology } from '../support/topology/cluster.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { inspect } from './harness/oracles.ts'
import { givenUp } from './harness/traffic.ts'
import { Fleet } from './support/fleet.ts'
import { sliceFaults } from './support/followed-log.ts'
import { withoutLost } from './support/lost-writes.ts'

const PARTITIONS = 16
const FAILING_OVER = { timeoutMs: 30_000, intervalMs: 20 }

faultTest({
  name: 'Cluster failover',
  promises: ['P17', 'P4', 'P8'],
  // Primaries that are killed.
  amount: { short: 1, long: 10 },
  floor: (amount) => amount,
  mutants: ['a call whose connection is lost is not tried again'],
  run: failOver,
})

/** A primary is killed under load, again and again; each comes back as a replica of its successor. */
async function failOver(context: ScenarioContext): Promise<Outcome> {
  await using cluster = await ClusterTopology.start({ replicasEach: 1 })
  const place = { url: cluster.url, prefix: randomPrefix(), partitions: PARTITIONS }
  await using fleet = await Fleet.start(context, place)
  const tookMs: number[] = []
  let hits = 0
  for (let round = 0; round < context.amount; round++) {
    const reached = fleet.answered + 200
    await eventually(() => assert.ok(fleet.answered >= reached), FAILING_OVER)
    const victim = await cluster.ownerOf(Math.floor(context.random() * 16_384))
    await fleet.underWay()
    hits++
    const killedAt = performance.now()
    await victim.server.kill()
    await eventually(() => cluster.isWhole(victim), FAILING_OVER)
    tookMs.push(performance.now() - killedAt)
    await victim.server.start()
    await cluster.isReplicated(victim)
  }
  const { entries, slices, losses, violations: hung } = await fleet.end()
  const { events, violations: found } = await inspect(place, entries)
  const { lost, violations } = withoutLost(found, losses)
  const rewound = slices.filter(({ ending }) => ending === 'LOG_REWOUND').length
  return {
    hits,
    violations: [...hung, ...violations, ...givenUp({ entries }), ...sliceFaults(slices, events)],
    figures: `${entries.length} commands; all slots served after ${tookMs.map((ms) => `${ms.toFixed(0)} ms`).join(', ')}; ${lost} lost without WAIT, all told; readers told ${rewound} times`,
  }
}
