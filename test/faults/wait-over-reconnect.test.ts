import { Redis } from 'ioredis'

import { aJob } from '../contract/jobs.ts'
import type { AnyJob } from '../contract/harness.ts'
import { eventually } from '../support/eventually.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { startPrimary, startReplica } from '../support/topology/replica.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { WaitCutter } from './support/wait-cutter.ts'

faultTest({
  name: 'WAIT over a reconnect',
  promises: ['P2'],
  amount: { short: 30, long: 1000 },
  floor: (amount) => Math.floor(amount * 0.9),
  mutants: ['WAIT on another connection is believed', 'success does not wait for replicas'],
  run: cutBeforeWait,
})

/** The replica's link is dead all the time, so that each success would be a false one. */
async function cutBeforeWait(context: ScenarioContext): Promise<Outcome> {
  await using primary = await startPrimary({ args: ['--repl-timeout', '3600'] })
  await using link = await TcpProxy.to(primary.port)
  await using replica = await startReplica(link.port, { args: ['--repl-timeout', '3600'] })
  await using cutter = await WaitCutter.to(primary.port)
  const { RedisJobStore } = await context.load()
  const place = { prefix: randomPrefix(), sweepIntervalMs: 0, onWarning: () => {} }
  // A connection that has said anything, as for a ready check, waits for all that was written until then.
  const client = new Redis(cutter.url, { enableReadyCheck: false, maxRetriesPerRequest: null }).on('error', () => {})
  using _ = { [Symbol.dispose]: () => client.disconnect() }
  await using hasty = new RedisJobStore<AnyJob>(client, { ...place, durability: { replicas: 1, timeoutMs: 10 } })
  await using patient = new RedisJobStore<AnyJob>(primary.url, {
    ...place,
    durability: { replicas: 1, timeoutMs: 10_000 },
  })
  await patient.create(aJob({ id: 'a' }))
  link.freeze()
  const violations: string[] = []
  for (let step = 0; step < context.amount; step++) {
    cutter.cutNext()
    const told = await hasty.updateProgress('a', { percent: step % 101, step }).then(
      () => 'success',
      ({ code }: { code: string }) => code,
    )
    if (told === 'success') violations.push(`P2: command ${step} was acknowledged, and no replica has it`)
    else if (told !== 'NOT_DURABLE') violations.push(`P2: command ${step} ended as ${told}`)
  }
  link.thaw()
  const last = await eventually(() => patient.updateProgress('a', { percent: 100 }), { timeoutMs: 15_000 })
  if (last?.progress.percent !== 100) violations.push('P2: with the link back, nothing is acknowledged')
  if (!replica.isRunning) violations.push('the replica has ended')
  return { hits: cutter.cuts, violations }
}
