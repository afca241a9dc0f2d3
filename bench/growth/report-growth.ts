import { groupBy } from '../group-by.ts'
import { counted, short } from '../numbers.ts'
import { spreadOf } from '../statistics.ts'
import type { Table } from '../table.ts'
import type { GrowthRow } from './measure-growth.ts'
import type { LatencyRound } from './latency.ts'
import type { SlowCall } from './slow-calls.ts'

/** The size that the largest is held against. */
const SMALL_JOBS = 10_000

/** A line a verb: p50 and p99 at each size, and how much longer p99 is at the largest than at 10,000 jobs. */
export function growthTables(backend: string, rows: readonly GrowthRow[]): Table[] {
  return [...groupBy(rows, ({ inFlight }) => inFlight)].map(([inFlight, atLevel]) => {
    const sizes = [...new Set(atLevel.map(({ jobs }) => jobs))]
    return {
      title: `jobledger ${backend}, ${inFlight} in flight: p50 / p99 in µs by jobs in the store, of 5 events each`,
      head: ['', ...sizes.map(counted), `p99 at ${counted(sizes.at(-1) ?? 0)} / ${counted(smallOf(sizes))}`],
      rows: [...groupBy(atLevel, ({ verb }) => verb)].map(([verb, ofVerb]) => [
        verb,
        ...ofVerb.map((row) => `${short(medianOf(row, 'p50'))} / ${short(medianOf(row, 'p99'))}`),
        `${short(growthOf(ofVerb, 'p99'))} ×`,
      ]),
    }
  })
}

export function slowLine(slow: readonly SlowCall[]): string {
  const shown = slow.slice(0, 10).map(({ command, us }) => `${command} ${(us / 1000).toFixed(1)} ms`)
  return `SLOWLOG at 5 ms: ${slow.length === 0 ? 'empty' : `${slow.length} calls: ${shown.join(', ')}`}`
}

/** One verb's time at the largest size against that at 10,000 jobs, or at the smallest but one. */
export function growthOf(rows: readonly GrowthRow[], field: 'p50' | 'p99', from?: number): number {
  const sizes = rows.map(({ jobs }) => jobs)
  const small = rows.find(({ jobs }) => jobs === (from ?? smallOf(sizes)))
  const large = rows.at(-1)
  return small === undefined || large === undefined ? Number.NaN : medianOf(large, field) / medianOf(small, field)
}

export function medianOf({ rounds }: { rounds: readonly LatencyRound[] }, field: 'p50' | 'p99'): number {
  return spreadOf(rounds.map((round) => round[field])).median
}

function smallOf(sizes: readonly number[]): number {
  return sizes.includes(SMALL_JOBS) ? SMALL_JOBS : (sizes[1] ?? Number.NaN)
}
