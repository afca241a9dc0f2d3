import assert from 'node:assert/strict'

import { eventually } from '../support/eventually.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { SentinelTopology } from '../support/topology/sentinels.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { inspect } from './harness/oracles.ts'
import { Fleet } from './support/fleet.ts'
import { sliceFaults } from './support/followed-log.ts'

const FAILING_OVER = { timeoutMs: 60_000, intervalMs: 20 }
const WRITABLE_WITHIN_MS = 10_000

faultTest({
  name: 'Sentinel',
  promises: ['P2', 'P8', 'P17'],
  // Primaries that are killed.
  amount: { short: 1, long: 10 },
  floor: (amount) => amount,
  mutants: ['a batch is sent again under a new number'],
  run: failOver,
})

/** The primary is killed under load; a write is acknowledged when a replica has it. */
async function failOver(context: ScenarioContext): Promise<Outcome> {
  await using topology = await SentinelTopology.start()
  const place = { url: topology.url, prefix: randomPrefix(), partitions: 2 }
  await using fleet = await Fleet.start(context, place, { durability: { replicas: 1, timeoutMs: 2000 } })
  const tookMs: number[] = []
  let hits = 0
  for (let round = 0; round < context.amount; round++) {
    const reached = fleet.answered + 200
    await eventually(() => assert.ok(fleet.answered >= reached), FAILING_OVER)
    const primary = await topology.primary()
    await fleet.underWay()
    hits++
    await primary.kill()
    const killedAt = performance.now()
    const before = fleet.answered
    await eventually(() => assert.ok(fleet.answered > before), FAILING_OVER)
    tookMs.push(performance.now() - killedAt)
    if (round + 1 === context.amount) break
    await primary.start()
    await topology.isReplicated()
  }
  const { entries, slices, violations } = await fleet.end()
  const { events, violations: found } = await inspect(place, entries)
  violations.push(...found, ...sliceFaults(slices, events))
  for (const ms of tookMs)
    if (ms > WRITABLE_WITHIN_MS) violations.push(`P5: no write was acknowledged for ${ms.toFixed(0)} ms`)
  const rewound = slices.filter(({ ending }) => ending === 'LOG_REWOUND').length
  return {
    hits,
    violations,
    figures: `${entries.length} commands; writable after ${tookMs.map((ms) => `${ms.toFixed(0)} ms`).join(', ')}; readers told ${rewound} times`,
  }
}
