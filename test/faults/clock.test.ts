import type { JobStore } from '../../src/contract.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { keysOf } from '../../src/redis/keys.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, HOUR_MS } from '../contract/jobs.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { Ledger } from './harness/ledger.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt } from './harness/place.ts'
import { ShiftedClock } from './support/shifted-clock.ts'

const CLIENTS = 2
const JOBS = 8
const COMMANDS_A_JUMP = 40
const HOUR_SECONDS = HOUR_MS / 1000

faultTest({
  name: 'clock',
  promises: ['P16'],
  /** Jumps of the server's clock, an hour forth or back. */
  amount: { short: 10, long: 500 },
  floor: (amount) => amount,
  mutants: ['the log is ordered by the clock'],
  run: jumpUnderWriters,
})

async function jumpUnderWriters(context: ScenarioContext): Promise<Outcome> {
  const place = newPlace(await sharedRedis(), 1)
  await using clock = new ShiftedClock(place.url, keysOf(place.prefix, 0).events)
  const open = (): Promise<JobStore<AnyJob>> => openAt(place, { build: context.build, target: clock.client() })
  const stores = await Promise.all(Array.from({ length: CLIENTS }, open))
  const ledgers = stores.map((_, index) => new Ledger(`client-${index}`))
  try {
    await begin(stores, ledgers)
    let hits = 0
    let seconds = 0
    for (let count = 0; count < context.amount; count++) {
      seconds = seconds === 0 ? (context.random() < 0.5 ? 1 : -1) * HOUR_SECONDS : 0
      await clock.set(seconds)
      if (await write(stores, ledgers, count)) hits++
    }
    const entries = ledgers.flatMap((ledger) => ledger.entries)
    const { events, violations } = await inspect(place, entries)
    const refused = entries.filter(({ told }) => told !== 'acknowledged')
    violations.push(...refused.map(({ mark, told, code }) => `P16: ${mark} was ${told} (${String(code)})`))
    violations.push(...inversions(events), ...(await missedBy(stores[0] as JobStore<AnyJob>, events)))
    return { hits, violations, figures: `${context.amount} jumps under ${entries.length} commands` }
  } finally {
    for (const store of stores) await store.close()
  }
}

/** Jobs that outlive every jump. */
async function begin(stores: readonly JobStore<AnyJob>[], ledgers: readonly Ledger[]): Promise<void> {
  const expiresAt = new Date(Date.now() + 1000 * HOUR_MS)
  const [store, ledger] = [stores[0] as JobStore<AnyJob>, ledgers[0] as Ledger]
  const ids = Array.from({ length: JOBS }, (_, index) => `job-${index}`)
  await Promise.all(ids.map((id) => ledger.give(id, (options) => store.create(aJob({ id, expiresAt }), options))))
}

/** All clients at the same time, on the same jobs. @returns whether any command was acknowledged */
async function write(stores: readonly JobStore<AnyJob>[], ledgers: readonly Ledger[], jump: number): Promise<boolean> {
  const calls = Array.from({ length: COMMANDS_A_JUMP }, (_, number) => {
    const client = number % stores.length
    const store = stores[client] as JobStore<AnyJob>
    const id = `job-${(number + jump) % JOBS}`
    return (ledgers[client] as Ledger).give(id, (options) =>
      number % 5 === 0
        ? store.updateStatus(id, number % 2 === 0 ? 'queued' : 'processing', options)
        : store.updateProgress(id, { percent: number, jump }, options),
    )
  })
  return (await Promise.all(calls)).some((job) => job !== null)
}

/** Events that are earlier than the one before them. */
function inversions(events: readonly JobEvent<AnyJob>[]): string[] {
  return events
    .filter(({ at }, index) => at < (events[index - 1]?.at ?? 0))
    .map(({ id, at }) => `P16: ${id} is of ${at.toISOString()}, and the event before it is later`)
}

/** What a live reader from the beginning does not get, or not in the log's order. */
async function missedBy(store: JobStore<AnyJob>, events: readonly JobEvent<AnyJob>[]): Promise<string[]> {
  const signal = AbortSignal.timeout(30_000)
  const read: string[] = []
  for await (const { id } of store.subscribe({ after: 'start', signal })) {
    read.push(id)
    if (read.length === events.length) break
  }
  const first = events.findIndex(({ id }, index) => read[index] !== id)
  return first < 0 ? [] : [`P16: a reader got ${String(read[first])} in place of ${events[first]?.id}`]
}
