import type { Task } from '../contenders/contender.ts'
import { drive, type Pace } from '../measure.ts'
import { quantile } from '../statistics.ts'

/** How long calls took in one round, in microseconds. */
export interface LatencyRound {
  calls: number
  p50: number
  p99: number
}

/** Keeps so many calls in flight and takes the time of each. */
export async function measureLatency(task: Task, inFlight: number, pace: Pace): Promise<LatencyRound> {
  const times: number[] = []
  const run = async (turn: number): Promise<void> => {
    const from = performance.now()
    await task.run(turn)
    times.push(performance.now() - from)
  }
  const limits = { inFlight, durationMs: pace.durationMs, maxTurns: pace.maxTurns }
  await drive({ ...task, run }, limits)
  times.sort((left, right) => left - right)
  return { calls: times.length, p50: 1000 * quantile(times, 0.5), p99: 1000 * quantile(times, 0.99) }
}
