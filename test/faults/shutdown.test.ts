import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

import { messageOf, startFixture } from '../support/children.ts'
import { startRedis } from '../support/redis-server.ts'
import type { ClosingParameters, ClosingReport } from './fixtures/closing-writer.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace } from './harness/place.ts'

/** Promised are 5 s; the rest is for machines that are busy with other tests. */
const MOST_MS = 8000
/** Past it the process is killed. */
const PATIENCE_MS = 20_000
const FILE = new URL('fixtures/closing-writer.ts', import.meta.url)

/** What comes with SIGTERM. */
const KINDS = ['under load', 'close() called twice', 'while Redis is frozen'] as const

faultTest({
  name: 'shutdown',
  promises: ['P5'],
  // Processes that are told to end.
  amount: { short: 3, long: 60 },
  floor: (amount) => Math.floor(amount * 0.8),
  mutants: ['close() waits for as long as it takes'],
  run: shutDown,
})

/** Hits are the processes that had calls under way. */
async function shutDown(context: ScenarioContext): Promise<Outcome> {
  const violations: string[] = []
  let hits = 0
  let slowestMs = 0
  for (let round = 0; round < context.amount; round++) {
    const kind = KINDS[round % KINDS.length] as (typeof KINDS)[number]
    const ended = await endOne(context, round, kind)
    if (ended.pending > 0) hits++
    slowestMs = Math.max(slowestMs, ended.ms)
    violations.push(...ended.violations.map((violation) => `${violation} (round ${round}, ${kind})`))
  }
  return {
    hits,
    violations,
    figures: `${context.amount} processes, the slowest ended after ${Math.round(slowestMs)} ms`,
  }
}

async function endOne(
  { build, seed, random }: ScenarioContext,
  round: number,
  kind: (typeof KINDS)[number],
): Promise<{ pending: number; ms: number; violations: string[] }> {
  await using server = await startRedis()
  const place = newPlace(server, 1)
  const closes = kind === 'close() called twice' ? 2 : 1
  const parameters: ClosingParameters = { place, build, name: `writer-${round}`, seed: seed + round, closes }
  const child = startFixture(FILE, JSON.stringify(parameters))
  await messageOf<'ready'>(child)
  await delay(random() * 300)
  if (kind === 'while Redis is frozen') {
    server.pause()
    await delay(50)
  }
  const report = messageOf<ClosingReport>(child).catch(() => null)
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>
  const startedAt = performance.now()
  child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const [code, signal] = await exit
  clearTimeout(killer)
  const ms = performance.now() - startedAt
  server.resume()
  const violations: string[] = []
  if (code !== 0) violations.push(`P5: the process ended with ${String(code ?? signal)}`)
  if (ms > MOST_MS) violations.push(`P5: the process ended after ${Math.round(ms)} ms`)
  const { entries, pending } = (await report) ?? { entries: [], pending: 0 }
  violations.push(...(await inspect(place, entries)).violations)
  return { pending, ms, violations }
}
