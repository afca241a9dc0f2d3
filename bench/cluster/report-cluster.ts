import { spreadOf } from '../statistics.ts'
import type { ClusterMeasurement, ClusterRound } from './measure-cluster.ts'

const HEAD =
  'verb            on                                calls/s   × 1 server   client CPU  servers CPU  busiest   a server each would carry'

/** A line a verb and subject. What servers of their own would carry follows from the busiest one's CPU time a call. */
export function formatCluster(measurements: readonly ClusterMeasurement[]): string {
  const lines = measurements.map((measurement) => {
    const { verb, subject, rounds } = measurement
    const alone = measurements.find((other) => other.verb === verb)
    const servers = medianOf(rounds, ({ serversUs }) => serversUs.reduce((sum, us) => sum + us, 0))
    const busiest = medianOf(rounds, ({ serversUs }) => Math.max(...serversUs))
    const cells = [
      whole(medianOf(rounds, rateOf)).padStart(8),
      ratioOf(rounds, alone?.rounds ?? []).padStart(12),
      `${medianOf(rounds, ({ clientUs }) => clientUs).toFixed(1)} µs`.padStart(12),
      `${servers.toFixed(1)} µs`.padStart(12),
      `${Math.round((100 * busiest) / servers)} %`.padStart(8),
      `${whole(1e6 / busiest)}/s`.padStart(14),
    ]
    return `${verb.padEnd(16)}${subject.padEnd(32)}${cells.join(' ')}`
  })
  return [HEAD, ...lines].join('\n')
}

function ratioOf(rounds: readonly ClusterRound[], alone: readonly ClusterRound[]): string {
  const ratios = rounds.map((round, index) => rateOf(round) / rateOf(alone[index] ?? round))
  return `${spreadOf(ratios).median.toFixed(2)} ×`
}

function rateOf({ calls, ms }: ClusterRound): number {
  return (calls * 1000) / ms
}

function medianOf(rounds: readonly ClusterRound[], of: (round: ClusterRound) => number): number {
  return spreadOf(rounds.map(of)).median
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
