import type { Verb } from '../contenders/contender.ts'
import { FLOORS, PEERS, SQLITE_FLOOR } from '../contenders/kinds.ts'
import type { Round } from '../measure.ts'
import { formatRatio, short, whole } from '../numbers.ts'
import { perSecond, ratioOf, spreadOf, type Spread } from '../statistics.ts'
import type { Table } from '../table.ts'
import type { Measurement } from './measure-compare.ts'

export const OURS = 'jobledger redis'

/** One verb's table: calls a second, and where their time went. Ratios stand where both sides are on the same server. */
export function verbTable(measurements: readonly Measurement[]): Table {
  const [first] = measurements
  return {
    title: first === undefined ? 'nothing was measured' : `${first.verb}, ${first.inFlight} in flight`,
    head: ['', 'calls/s', 'min – max', 'µs a call', 'client CPU', 'server CPU', 'in commands'],
    rows: measurements.map(rowOf),
    notes: [...PEERS, ...FLOORS].flatMap((other) => {
      const ratio = ratioBetween(measurements, OURS, other)
      return ratio === null ? [] : [`${OURS} / ${other}: ${formatRatio(ratio)}`]
    }),
  }
}

function rowOf({ contender, rounds, inFlight, usedInFlight }: Measurement): string[] {
  const rate = spreadOf(rounds.map(perSecond))
  const isOneLoop = contender === SQLITE_FLOOR || contender === 'same calls by redis-cli'
  return [
    usedInFlight === inFlight || isOneLoop ? contender : `${contender} (${usedInFlight} in flight)`,
    whole(rate.median),
    `${whole(rate.min)} – ${whole(rate.max)}`,
    short(1e6 / rate.median),
    short(medianOf(rounds, 'clientUs')),
    short(medianOf(rounds, 'serverUs')),
    short(medianOf(rounds, 'commandUs')),
  ]
}

/** One contender's calls a second against another's at one verb; null if either was not measured. */
export function ratioBetween(measurements: readonly Measurement[], one: string, other: string): Spread | null {
  const ours = measurements.find(({ contender }) => contender === one)
  const theirs = measurements.find(({ contender }) => contender === other)
  return ours === undefined || theirs === undefined ? null : ratioOf(ours, theirs)
}

export function medianOf(rounds: readonly Round[], field: 'clientUs' | 'serverUs' | 'commandUs'): number | null {
  const values = rounds.map((round) => round[field])
  return values.includes(null) ? null : spreadOf(values as number[]).median
}

/** What was measured of one verb with so many calls in flight. */
export function at(measurements: readonly Measurement[], verb: Verb, inFlight: number): Measurement[] {
  return measurements.filter((measurement) => measurement.verb === verb && measurement.inFlight === inFlight)
}
