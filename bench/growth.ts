import type { JobStore } from '../src/index.ts'
import { checkResult } from './check-result.ts'
import { readHistory } from './contenders/jobledger.ts'
import { drive, measureRound, type Pace, type Round, runAll } from './measure.ts'
import { aHistoryRecord, aRecord, EVENTS_A_HISTORY, HISTORIES, historyIdOf, idOf, progressOf } from './record.ts'

/** One verb at one size. */
export interface GrowthMeasurement {
  verb: 'findByUserId' | 'history'
  contender: string
  inFlight: number
  /** Jobs of the user, or events of the log. */
  size: number
  rounds: Round[]
}

/** One size, filled and ready to be read. */
interface Size {
  size: number
  run: (turn: number) => Promise<unknown>
}

export interface GrowthPlan {
  backend: string
  /** An instance on an empty store of that name, or on the one that was filled under it before. */
  open: (name: string) => JobStore
  inFlight: readonly number[]
  pace: Pace
  /** 1 for up to 100,000 jobs and 1,000,000 events. */
  scale: number
}

/** The first page of users with 1,000, 10,000 and 100,000 jobs, in one store. */
export async function measureListGrowth(plan: GrowthPlan): Promise<GrowthMeasurement[]> {
  const store = plan.open('lists')
  try {
    const sizes = [1_000, 10_000, 100_000].map((size) => Math.ceil(size * plan.scale))
    let created = 0
    for (const size of sizes) {
      const first = created
      await runAll(size, (turn) => store.create(aRecord(first + turn, { userId: `user-of-${size}` })))
      created += size
    }
    const ready = sizes.map((size): Size => ({ size, run: () => store.findByUserId(`user-of-${size}`) }))
    return await measureSizes('findByUserId', plan, ready)
  } finally {
    await store.close()
  }
}

/** Histories of 10 events, spread over a log of 10,000 events and one of 1,000,000. */
export async function measureHistoryGrowth(plan: GrowthPlan): Promise<GrowthMeasurement[]> {
  const stores: JobStore[] = []
  try {
    const ready: Size[] = []
    for (const wanted of [10_000, 1_000_000]) {
      const size = Math.ceil(wanted * plan.scale)
      const store = plan.open(`log-${size}`)
      stores.push(store)
      await fillLog(store, size)
      ready.push({ size, run: (turn) => readHistory(store, turn) })
    }
    return await measureSizes('history', plan, ready)
  } finally {
    await Promise.all(stores.map((store) => store.close()))
  }
}

/** Ten times one event of each history, then a tenth of the log about other jobs. */
async function fillLog(store: JobStore, events: number): Promise<void> {
  const others = Math.min(1_000, Math.ceil(events / 100))
  const fillers = Math.max(0, Math.floor((events - others) / EVENTS_A_HISTORY) - HISTORIES)
  await runAll(others, (turn) => store.create(aRecord(turn)))
  for (let event = 0; event < EVENTS_A_HISTORY; event++) {
    await runAll(HISTORIES, (turn) =>
      event === 0 ? store.create(aHistoryRecord(turn)) : store.updateProgress(historyIdOf(turn), progressOf(event)),
    )
    await runAll(fillers, (turn) => store.updateProgress(idOf(turn % others), progressOf(turn)))
  }
}

async function measureSizes(
  verb: 'findByUserId' | 'history',
  plan: GrowthPlan,
  sizes: readonly Size[],
): Promise<GrowthMeasurement[]> {
  const measurements: GrowthMeasurement[] = []
  for (const inFlight of plan.inFlight) {
    const rows = sizes.map(({ size, run }) => ({
      run,
      measurement: { verb, contender: plan.backend, inFlight, size, rounds: [] as Round[] },
    }))
    for (const { run } of rows) {
      checkResult(plan.backend, verb, await run(0))
      await drive({ run }, { inFlight, durationMs: plan.pace.warmUpMs, maxTurns: plan.pace.maxTurns })
    }
    for (let round = 0; round < plan.pace.rounds; round++)
      for (const { run, measurement } of rows)
        measurement.rounds.push(await measureRound({ run }, inFlight, plan.pace, null))
    measurements.push(...rows.map(({ measurement }) => measurement))
  }
  return measurements
}
