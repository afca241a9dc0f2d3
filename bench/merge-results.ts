import type { BenchResult } from './result.ts'

/** One result of several runs: of each section the last that was measured. Machine and versions are the last run's. */
export function mergeResults(results: readonly BenchResult[]): BenchResult {
  const [first, ...rest] = results
  if (first === undefined) throw new Error('There are no results to merge.')
  return rest.reduce((merged, { format, environment, ...measured }) => {
    return {
      ...merged,
      format,
      environment,
      ...Object.fromEntries(Object.entries(measured).filter(([, value]) => wasMeasured(value))),
    }
  }, first)
}

function wasMeasured(value: unknown): boolean {
  return value !== null && !(Array.isArray(value) && value.length === 0)
}
