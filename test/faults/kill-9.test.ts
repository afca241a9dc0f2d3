import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

import { messageOf, startFixture } from '../support/children.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import type { WriterOrder, WriterReport } from './fixtures/ledger-writer.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt } from './harness/place.ts'
import { givenUp } from './harness/traffic.ts'

const WRITERS = 4
const MOST_BETWEEN_KILLS_MS = 120
/** Then others write to a new log: all of it is verified after each kill. */
const KILLS_A_LOG = 10

faultTest({
  name: 'kill -9',
  promises: ['P1', 'P3'],
  /** Kills of the server. */
  amount: { short: 4, long: 200 },
  floor: (amount) => Math.ceil(amount / 2),
  mutants: ['the expiry queue is kept out of the AOF', 'the outcomes of batches are kept out of the AOF'],
  run: killAndRestart,
})

async function killAndRestart(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis({ appendOnly: 'always' })
  const outcome = { hits: 0, violations: [] as string[] }
  let commands = 0
  for (let left = context.amount; left > 0; left -= KILLS_A_LOG)
    commands += await killUnderWriters(server, { ...context, amount: Math.min(left, KILLS_A_LOG) }, outcome)
  return { ...outcome, figures: `${context.amount} kills under ${commands} commands` }
}

/** @returns how many commands there were */
async function killUnderWriters(
  server: RedisServer,
  { amount, build, random }: ScenarioContext,
  outcome: Outcome,
): Promise<number> {
  const place = newPlace(server, 1)
  const writers = Array.from({ length: WRITERS }, (_, index) => {
    const order: WriterOrder = { place, build, name: `writer-${index}`, seed: random() * 2 ** 31 }
    return startFixture(new URL('fixtures/ledger-writer.ts', import.meta.url), JSON.stringify(order))
  })
  await Promise.all(writers.map((writer) => messageOf<'ready'>(writer)))
  await using store = await openAt(place, { build: null, retryForMs: 60_000 })
  for (let kill = 1; kill <= amount; kill++) {
    await delay(random() * MOST_BETWEEN_KILLS_MS)
    if (await killAtWork(server, writers)) outcome.hits++
    const { drift } = await store.verify()
    outcome.violations.push(...drift.map((one) => `P3: after kill ${kill}: ${JSON.stringify(one)}`))
  }
  const reports = await Promise.all(writers.map((writer) => ask<WriterReport>(writer, 'stop')))
  const entries = reports.flatMap((report) => report.entries)
  const lost = reports.reduce((sum, report) => sum + report.lost, 0)
  if (lost > 0) outcome.violations.push(`P1: ${lost} batches were reported as lost`)
  const { violations } = await inspect(place, entries)
  outcome.violations.push(...givenUp({ entries }), ...violations)
  return entries.length
}

/** @returns whether commands were on their way when it was killed */
async function killAtWork(server: RedisServer, writers: readonly ChildProcess[]): Promise<boolean> {
  await server.kill()
  const pending = await Promise.all(writers.map((writer) => ask<number>(writer, 'pending?')))
  await server.start()
  return pending.some((count) => count > 0)
}

function ask<M>(writer: ChildProcess, question: string): Promise<M> {
  const answer = messageOf<M>(writer)
  writer.send(question)
  return answer
}
