import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

import { eventually } from '../support/eventually.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { promote, startPrimary, startReplica } from '../support/topology/replica.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { inspect } from './harness/oracles.ts'
import { Fleet } from './support/fleet.ts'
import { sliceFaults } from './support/followed-log.ts'
import { withoutLost } from './support/lost-writes.ts'

const PATIENCE = { timeoutMs: 30_000 }
/** So much is acknowledged before each fault, and without WAIT also while the replica hears nothing. */
const COMMANDS = 50
const DEAD_MS = 200

faultTest({
  name: 'promotion with WAIT',
  promises: ['P2', 'P4', 'P8'],
  amount: { short: 1, long: 50 },
  // Most of the rounds without WAIT lose something, or the fault is none.
  floor: (amount) => Math.floor(amount / 2) + 1,
  mutants: ['success does not wait for replicas'],
  run: promoteAgainAndAgain,
})

async function promoteAgainAndAgain(context: ScenarioContext): Promise<Outcome> {
  const violations: string[] = []
  let lossy = 0
  let lostInAll = 0
  for (let round = 0; round < context.amount; round++) {
    violations.push(...(await promoteOnce(context, true)).found)
    const { found, losses } = await promoteOnce(context, false)
    const rest = withoutLost(found, losses)
    violations.push(...rest.violations)
    if (rest.lost > 0) lossy++
    lostInAll += rest.lost
  }
  const figures = `without WAIT ${lossy} of ${context.amount} rounds lost ${lostInAll} acknowledged commands, all told`
  return { hits: lossy, violations, figures }
}

/** The replica's link dies unnoticed, then the replica is made the primary. @returns what it has, and what was told */
async function promoteOnce(context: ScenarioContext, waits: boolean): Promise<{ found: string[]; losses: number }> {
  await using primary = await startPrimary()
  await using link = await TcpProxy.to(primary.port)
  await using replica = await startReplica(link.port)
  await using front = await TcpProxy.to(primary.port)
  const place = { url: `redis://127.0.0.1:${front.port}`, prefix: randomPrefix(), partitions: 1 }
  const options = waits ? { durability: { replicas: 1, timeoutMs: 100 } } : {}
  await using fleet = await Fleet.start(context, place, options)
  const more = async (): Promise<void> => {
    const reached = fleet.answered + COMMANDS
    await eventually(() => assert.ok(fleet.answered >= reached), PATIENCE)
  }
  await more()
  link.freeze()
  await (waits ? delay(DEAD_MS) : more())
  await promote(replica)
  front.failOver(replica.port)
  await (waits ? delay(DEAD_MS) : more())
  const { entries, slices, losses, violations } = await fleet.end()
  const { events, violations: found } = await inspect({ ...place, url: replica.url }, entries)
  return { found: [...violations, ...found, ...sliceFaults(slices, events)], losses }
}
