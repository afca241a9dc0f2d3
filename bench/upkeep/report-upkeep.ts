import { spreadOf } from '../statistics.ts'
import type { UpkeepMeasurement } from './measure-upkeep.ts'
import type { Walk } from './walks.ts'

/** What verify and rebuild came to, and what they did to writers. */
export function formatUpkeep({ walks, latency }: UpkeepMeasurement): string {
  const rows = (['verify', 'rebuild'] as const).map((verb) => formatWalks(walks.filter((walk) => walk.verb === verb)))
  const { without, during } = latency
  const ratio = spreadOf(during.map(({ p99 }, round) => p99 / (without[round]?.p99 ?? Number.NaN)))
  return [
    'Upkeep on Redis: rebuild is from nothing but the stream',
    ...rows,
    'updateProgress at 500 a second',
    `  without a rebuild      p50 ${ms(without, 'p50')}  p99 ${ms(without, 'p99')}`,
    `  during one elsewhere   p50 ${ms(during, 'p50')}  p99 ${ms(during, 'p99')}`,
    `  p99 during / without: ${ratio.median.toFixed(2)} × (${ratio.min.toFixed(2)} – ${ratio.max.toFixed(2)})`,
  ].join('\n')
}

/** How fast all walks of one verb went. */
export function formatWalks(walks: readonly Walk[]): string {
  const [first] = walks
  if (first === undefined) return ''
  const rate = spreadOf(walks.map(({ events, seconds }) => events / seconds))
  const peak = Math.max(...walks.map(({ peakRss }) => peakRss)) / 1_000_000
  const cpu = spreadOf(walks.map(({ cpuSeconds, events }) => (cpuSeconds * 1e6) / events))
  const size = `${first.events.toLocaleString('en-US')} events, ${first.jobs.toLocaleString('en-US')} jobs`
  const [median, min, max] = [rate.median, rate.min, rate.max].map((value) => Math.round(value).toLocaleString('en-US'))
  return `  ${first.verb.padEnd(8)} ${size}: ${median} events/s (${min} – ${max}), ${cpu.median.toFixed(1)} µs of CPU each, peak ${peak.toFixed(0)} MB`
}

function ms(rounds: readonly { p50: number; p99: number }[], field: 'p50' | 'p99'): string {
  return `${spreadOf(rounds.map((round) => round[field])).median.toFixed(2)} ms`
}
