import type { Measurement } from '../../bench/compare/measure-compare.ts'
import type { Environment } from '../../bench/environment.ts'
import { readOptions } from '../../bench/options.ts'
import { emptyResult, type BenchResult } from '../../bench/result.ts'

/** A result of a machine at rest, on which nothing was measured. */
export function aResult(fields: Partial<BenchResult> = {}): BenchResult {
  const environment: Environment = {
    date: '2026-01-01T00:00:00.000Z',
    versions: { node: '20.19.0', redis: '7.0.15' },
    machine: { cpu: 'a processor', cores: 2, memoryGiB: 8, system: 'Linux', loadBefore: 0 },
    appendfsync: 'off',
    options: readOptions([]),
  }
  return { ...emptyResult(environment), ...fields }
}

/** updateProgress with 256 in flight, of a round a rate. */
export function measured(contender: string, rates: readonly number[]): Measurement {
  const rounds = rates.map((calls) => ({ calls, ms: 1000, clientUs: 5, serverUs: 8, commandUs: 7 }))
  return { verb: 'updateProgress', contender, inFlight: 256, usedInFlight: 256, rounds }
}
