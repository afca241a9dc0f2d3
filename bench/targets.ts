import type { Measurement } from './compare.ts'
import { formatRatio, ratioAgainst } from './report.ts'

/** What the store is to reach against a peer on the same server, at 256 calls in flight. */
const TARGETS = [
  { verb: 'updateProgress', peer: 'BullMQ', least: 1 },
  { verb: 'create', peer: 'BullMQ', least: 1 },
  { verb: 'findByUserId', peer: 'plain ioredis', least: 50 },
] as const

/** A line a target: reached or not, by the median. Those whose verbs were not measured are left out. */
export function formatTargets(measurements: readonly Measurement[]): string {
  const lines = TARGETS.flatMap(({ verb, peer, least }) => {
    const ratio = ratioAgainst(
      measurements.filter((measurement) => measurement.verb === verb && measurement.inFlight === 256),
      peer,
    )
    if (ratio === null) return []
    const verdict = ratio.median >= least ? 'reached    ' : 'NOT reached'
    return [`  ${verdict}  ${verb}: at least ${least} × ${peer}, is ${formatRatio(ratio)}`]
  })
  return lines.length === 0 ? '' : ['To reach, 256 in flight', ...lines].join('\n')
}
