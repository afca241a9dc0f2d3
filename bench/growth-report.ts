import type { GrowthMeasurement } from './growth.ts'
import { formatRatio } from './report.ts'
import { perSecond, ratioOf, spreadOf } from './statistics.ts'

const UNITS = { findByUserId: 'jobs of the user', history: 'events in the log' } as const

/** A line a size, each with its time beside that of the smallest. */
export function formatGrowth(measurements: readonly GrowthMeasurement[]): string {
  const groups = new Map<string, GrowthMeasurement[]>()
  for (const measurement of measurements) {
    const { verb, contender, inFlight } = measurement
    const title = `${verb}, ${contender}, ${inFlight} in flight`
    groups.set(title, [...(groups.get(title) ?? []), measurement])
  }
  return [...groups].map(([title, sizes]) => [title, ...formatSizes(sizes)].join('\n')).join('\n\n')
}

function formatSizes(sizes: readonly GrowthMeasurement[]): string[] {
  const [smallest] = sizes
  return sizes.map((measurement) => {
    const { size, verb, rounds } = measurement
    const micros = 1e6 / spreadOf(rounds.map(perSecond)).median
    const times = smallest === undefined || smallest === measurement ? '' : formatRatio(ratioOf(smallest, measurement))
    const label = `${size.toLocaleString('en-US')} ${UNITS[verb]}`
    return `  ${label.padEnd(28)} ${micros.toFixed(1).padStart(9)} µs a call  ${times === '' ? '' : `${times} the time`}`
  })
}
