import { spreadOf, type Spread } from '../statistics.ts'
import type { DeliveryRound, LatencyRound, LiveMeasurement } from './measure-live.ts'

const MOST_P50_MS = 3
const MOST_P99_MS = 15
const LEAST_SHARE = 0.5

/** Latency beside BullMQ's, delivery rates, connections, and whether each target was reached. */
export function formatLive(measurement: LiveMeasurement): string {
  const { eventsASecond, readers, latency, delivery, connections } = measurement
  const { all, each } = delivery
  return [
    `Live: from the write's call to a reader in another process, ${count(eventsASecond)} events a second`,
    formatLatency('jobledger subscribe', latency.jobledger),
    formatLatency('BullMQ QueueEvents', latency.bullmq),
    'Delivery, as fast as another process writes',
    formatDelivery('one reader of all', all, connections.all),
    formatDelivery(`${count(readers)} readers of one job each`, each, connections.each),
    'To reach',
    ...formatTargets(measurement),
  ].join('\n')
}

function formatLatency(name: string, rounds: readonly LatencyRound[]): string {
  const [p50, p99] = (['p50', 'p99'] as const).map((field) => spreadOf(rounds.map((round) => round[field])))
  return `  ${name.padEnd(30)} p50 ${spread(p50)} ms   p99 ${spread(p99)} ms`
}

function formatDelivery(name: string, rounds: readonly DeliveryRound[], connections: number): string {
  const rate = spreadOf(rounds.map(({ events, ms }) => (events * 1000) / ms))
  const micros = cpuOf(rounds)
  return `  ${name.padEnd(30)} ${count(rate.median)} events/s (${count(rate.min)} – ${count(rate.max)}), ${micros.toFixed(1)} µs of CPU each, ${connections} connections`
}

function formatTargets({ latency, delivery, connections }: LiveMeasurement): string[] {
  const { p50, p99 } = mediansOf(latency.jobledger)
  const theirs = mediansOf(latency.bullmq)
  const share = cpuOf(delivery.all) / cpuOf(delivery.each)
  return [
    target(p50 < MOST_P50_MS && p99 < MOST_P99_MS, `p50 under ${MOST_P50_MS} ms and p99 under ${MOST_P99_MS} ms`),
    target(p50 <= theirs.p50, `p50 at most QueueEvents', is ${(p50 / theirs.p50).toFixed(2)} ×`),
    target(
      share >= LEAST_SHARE,
      `at least ${LEAST_SHARE} × the rate of one reader of all, is ${share.toFixed(2)} × by CPU time`,
    ),
    target(connections.all === connections.each, 'connections constant in the number of readers'),
  ]
}

function target(isReached: boolean, what: string): string {
  return `  ${isReached ? 'reached    ' : 'NOT reached'}  ${what}`
}

function mediansOf(rounds: readonly LatencyRound[]): LatencyRound {
  return { p50: spreadOf(rounds.map(({ p50 }) => p50)).median, p99: spreadOf(rounds.map(({ p99 }) => p99)).median }
}

/** µs an event. */
function cpuOf(rounds: readonly DeliveryRound[]): number {
  return spreadOf(rounds.map(({ events, cpuUs }) => cpuUs / events)).median
}

function spread(figure: Spread | undefined): string {
  if (figure === undefined) return '–'
  return `${figure.median.toFixed(2)} (${figure.min.toFixed(2)} – ${figure.max.toFixed(2)})`
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
