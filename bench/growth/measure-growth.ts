import type { JobStore } from '../../src/index.ts'
import type { Task } from '../contenders/contender.ts'
import { drive, type Pace } from '../measure.ts'
import type { Walk } from '../upkeep/walks.ts'
import { measureLatency, type LatencyRound } from './latency.ts'
import { SizedStore } from './sized-store.ts'
import type { SlowCall } from './slow-calls.ts'
import { GROWTH_VERBS } from './verbs.ts'

/** One verb at one size. */
export interface GrowthRow {
  verb: string
  inFlight: number
  /** In the store, of 5 events each; half of them one user's. */
  jobs: number
  rounds: LatencyRound[]
}

export interface GrowthMeasurement {
  backend: string
  rows: GrowthRow[]
  /** What SLOWLOG had at 5 ms at the end; null where there is no server. */
  slow: SlowCall[] | null
  /** Verify and rebuild of the largest store; empty where they were not measured. */
  walks: Walk[]
}

export interface GrowthPlan {
  /** An instance on an empty store of that name, or on the one that was filled under it before. */
  open: (name: string) => JobStore
  inFlight: readonly number[]
  pace: Pace
  /** Of stores, from small to large. */
  sizes: readonly number[]
}

/** Of stores at scale 1. The user with half of the jobs has 1,000 to 500,000 of them. */
const LEAST = 40
const SIZES = [2_000, 10_000, 100_000, 1_000_000]

export function sizesAt(scale: number): number[] {
  return [...new Set(SIZES.map((size) => Math.max(LEAST, Math.ceil(size * scale))))]
}

export function nameOf(jobs: number): string {
  return `growth-${jobs}`
}

/** Fills stores of all sizes side by side and asks each for every verb, in rounds that take turns. */
export async function measureGrowth(plan: GrowthPlan, onMeasured: (rows: GrowthRow[]) => void): Promise<GrowthRow[]> {
  const stores = plan.sizes.map((jobs) => new SizedStore(jobs, () => plan.open(nameOf(jobs))))
  try {
    for (const sized of stores) await sized.fill()
    const all: GrowthRow[] = []
    for (const verb of Object.keys(GROWTH_VERBS))
      for (const inFlight of plan.inFlight) {
        const rows = await measureVerb(verb, inFlight, stores, plan.pace)
        onMeasured(rows)
        all.push(...rows)
      }
    return all
  } finally {
    await Promise.all(stores.map(({ store }) => store.close()))
  }
}

async function measureVerb(
  verb: string,
  inFlight: number,
  stores: readonly SizedStore[],
  pace: Pace,
): Promise<GrowthRow[]> {
  const begin = GROWTH_VERBS[verb] as (sized: SizedStore) => Promise<Task>
  const rows = stores.map((sized) => ({
    sized,
    row: { verb, inFlight, jobs: sized.jobs, rounds: [] as LatencyRound[] },
  }))
  for (let round = -1; round < pace.rounds; round++)
    for (const { sized, row } of rows) {
      const task = await begin(sized)
      // The first one warms up; a task that can't be repeated is not run in.
      if (task.maxTurns === undefined)
        await drive(task, { inFlight, durationMs: pace.settleMs, maxTurns: pace.maxTurns })
      const latency = await measureLatency(task, inFlight, pace)
      if (round >= 0) row.rounds.push(latency)
      await task.end?.()
    }
  return rows.map(({ row }) => row)
}
