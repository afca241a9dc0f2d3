import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'

import type { JobStore } from '../../src/contract.ts'
import type { JobEvent } from '../../src/core/event.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, HOUR_MS } from '../contract/jobs.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { Ledger } from './harness/ledger.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt } from './harness/place.ts'

const SWEEPERS = 4
const DUE_WITHIN_MS = 1000
/** Of the moment at which a job is due, renewals come so near. */
const NEAR_MS = 5
/** Every other renewal comes earlier, by so much at most: a server that is busy with sweeping would let none win. */
const EARLY_MS = 60
/** The first jobs are read when they are due and still there, however quick the sweepers are. */
const SWEPT_AFTER_MS = 2 * NEAR_MS + 30
const JOBS_AT_ONCE = 1000
/** Jobs that are renewed at most, and as many that are read: one client does no more in a second. */
const MOST_RACERS = 4000

faultTest({
  name: 'expiry races',
  promises: ['P10'],
  /** Jobs that are due within a second. */
  amount: { short: 2000, long: 100_000 },
  floor: (amount) => racersOf(amount) / 20,
  mutants: [
    'the sweep ends what was renewed',
    'a command finds a job whose time has come',
    'a job whose time has come is read',
  ],
  run: race,
})

function racersOf(amount: number): number {
  return Math.min(MOST_RACERS, amount / 4)
}

/** A job's id, and when it is due. */
interface Due {
  id: string
  ms: number
}

async function race(context: ScenarioContext): Promise<Outcome> {
  const place = newPlace(await sharedRedis(), 1)
  const open = (): Promise<JobStore<AnyJob>> => openAt(place, { build: context.build, retryForMs: 60_000 })
  const stores = await Promise.all(Array.from({ length: SWEEPERS + 1 }, open))
  const [store, ...sweepers] = stores as [JobStore<AnyJob>, ...JobStore<AnyJob>[]]
  try {
    await Promise.all(stores.map((one) => one.ready()))
    const due = await createDue(store, context.amount)
    const ledger = new Ledger('renewer')
    const renewer = new Racer(store, ledger, context.random)
    await delay((due[0]?.ms ?? 0) - Date.now() - 2 * NEAR_MS)
    const sweeping = delay(SWEPT_AFTER_MS).then(() => sweepAll(sweepers, due))
    const [swept] = await Promise.all([sweeping, renewer.race(due)])
    const { events, violations } = await inspect(place, ledger.entries)
    const renewed = new Set(ledger.entries.filter(({ told }) => told === 'acknowledged').map(({ jobId }) => jobId))
    violations.push(...renewer.violations, ...judge(due, events, renewed), ...(await leftOf(store, renewed.size)))
    const figures = `${renewed.size} of ${ledger.entries.length} renewals won, ${renewer.reads} reads, swept ${swept.join(' + ')}`
    return { hits: renewer.near, violations, figures }
  } finally {
    for (const one of stores) await one.close()
  }
}

/** @returns the jobs, by when they are due */
async function createDue(store: JobStore<AnyJob>, amount: number): Promise<Due[]> {
  const startMs = Date.now() + 3000 + amount / 2
  const due = Array.from({ length: amount }, (_, index) => {
    return { id: `job-${index}`, ms: startMs + Math.floor((index * DUE_WITHIN_MS) / amount) }
  })
  for (let from = 0; from < amount; from += JOBS_AT_ONCE) {
    const some = due.slice(from, from + JOBS_AT_ONCE)
    await Promise.all(some.map(({ id, ms }) => store.create(aJob({ id, expiresAt: new Date(ms) }))))
  }
  if (Date.now() > startMs)
    throw new Error('The first jobs were due before the last were there: the machine is too busy.')
  return due
}

/** Sweeps with all at once until nothing is due any more. @returns what each has removed */
function sweepAll(sweepers: readonly JobStore<AnyJob>[], due: readonly Due[]): Promise<number[]> {
  const endMs = (due.at(-1)?.ms ?? 0) + NEAR_MS
  return Promise.all(
    sweepers.map(async (sweeper) => {
      let total = 0
      for (let removed = 0; removed > 0 || Date.now() <= endMs; total += removed) {
        removed = await sweeper.purgeExpired()
        await nextTurn()
      }
      return total
    }),
  )
}

/** Renews jobs just before and after they are due, and reads others just after. What it is too late for is left out. */
class Racer {
  readonly violations: string[] = []
  reads = 0
  /** Renewals that were sent within NEAR_MS. */
  near = 0
  readonly #store: JobStore<AnyJob>
  readonly #ledger: Ledger
  readonly #random: () => number

  constructor(store: JobStore<AnyJob>, ledger: Ledger, random: () => number) {
    this.#store = store
    this.#ledger = ledger
    this.#random = random
  }

  async race(due: readonly Due[]): Promise<void> {
    const step = Math.ceil(due.length / racersOf(due.length))
    const renewals = due
      .filter((_, index) => index % step === 0)
      .map((one, index) => ({
        ...one,
        atMs: one.ms + NEAR_MS - this.#random() * (index % 2 === 0 ? 2 * NEAR_MS : EARLY_MS),
      }))
      .sort((one, other) => one.atMs - other.atMs)
    const reads = due.filter((_, index) => index % step === 2)
    const calls: Promise<unknown>[] = []
    while (renewals.length > 0 || reads.length > 0) {
      const now = Date.now()
      while ((renewals[0]?.atMs ?? Infinity) <= now) {
        const { id, ms } = renewals.shift() as Due
        if (now - ms <= NEAR_MS) calls.push(this.#renew(id, now - ms))
      }
      while ((reads[0]?.ms ?? Infinity) < now) {
        const { id, ms } = reads.shift() as Due
        if (now - ms <= NEAR_MS) calls.push(this.#read(id))
      }
      await nextTurn()
    }
    await Promise.all(calls)
  }

  async #renew(id: string, lateMs: number): Promise<void> {
    if (lateMs >= -NEAR_MS) this.near++
    const expiresAt = new Date(Date.now() + HOUR_MS)
    const renewed = await this.#ledger.give(id, (options) => this.#store.update(id, { expiresAt }, options))
    if (lateMs > 0 && renewed !== null) this.violations.push(`P10: ${id} was renewed after its time`)
  }

  async #read(id: string): Promise<void> {
    this.reads++
    if ((await this.#store.findById(id)) !== null) this.violations.push(`P10: ${id} was read after its time`)
  }
}

/** What the log says of each job: renewed, or ended once, not before its time. */
function judge(due: readonly Due[], events: readonly JobEvent<AnyJob>[], renewed: ReadonlySet<string>): string[] {
  const violations: string[] = []
  const ends = new Map<string, number>()
  const times = new Map(due.map(({ id, ms }) => [id, ms]))
  for (const { jobId, type, at } of events) {
    const early = (times.get(jobId) ?? 0) - at.getTime()
    if (type === 'expired') ends.set(jobId, (ends.get(jobId) ?? 0) + 1)
    if (type === 'expired' && early > 0) violations.push(`P10: ${jobId} expired ${early} ms before its time`)
  }
  for (const { id } of due) {
    const wanted = renewed.has(id) ? 0 : 1
    const found = ends.get(id) ?? 0
    if (found !== wanted) violations.push(`P10: ${id} expired ${found} times, and should have ${wanted} times`)
  }
  return violations
}

/** Nothing is to be seen but what was renewed. */
async function leftOf(store: JobStore<AnyJob>, renewed: number): Promise<string[]> {
  const seen = {
    'in the statistics': (await store.stats()).jobs,
    'by user': await store.countByUserId('user-1'),
    'by status': await store.countByStatus('pending'),
    listed: (await store.findByUserId('user-1', { limit: renewed + 1 })).length,
  }
  return Object.entries(seen)
    .filter(([, count]) => count !== renewed)
    .map(([where, count]) => `P10: ${count} jobs ${where}, and ${renewed} were renewed`)
}
