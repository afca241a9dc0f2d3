import type { Measurement } from '../compare/measure-compare.ts'
import { at, OURS } from '../compare/report-compare.ts'
import type { BenchResult } from '../result.ts'
import { perSecond, spreadOf } from '../statistics.ts'

/** What two runs have in common and can be held against each other: one value a round. */
export interface Figure {
  name: string
  values: number[]
  better: 'more' | 'less'
}

/**
 * All figures of our own stores. Rates and times are told in the run's own ioredis SET, where that was measured: so a
 * machine that is slower today is not taken for a slower store.
 */
export function figuresOf(result: BenchResult): Figure[] {
  const { measurements, load, processes, growth, upkeep, size, live } = result
  const yardstick = yardstickOf(result) ?? 1
  const rate = (name: string, values: number[]): Figure => more(name, scaled(values, 1 / yardstick))
  const time = (name: string, values: number[]): Figure => less(name, scaled(values, yardstick))
  const walks = [...growth.flatMap((measurement) => measurement.walks), ...(upkeep?.walks ?? [])]
  return [
    ...[...measurements, ...load].filter(isOurs).map((each) => rate(nameOf(each), each.rounds.map(perSecond))),
    ...measurements
      .filter(({ contender }) => contender === OURS)
      .map((each) =>
        time(
          `${nameOf(each)}: server time a call`,
          each.rounds.map(({ commandUs }) => commandUs ?? Number.NaN),
        ),
      ),
    ...processes.map(({ kind, verb, processes: count, partitions, rounds }) =>
      rate(`${kind}: ${verb}, ${count} processes, ${partitions} partitions`, rounds.map(perSecond)),
    ),
    ...growth.flatMap(({ backend, rows }) =>
      rows.flatMap(({ verb, jobs, inFlight, rounds }) =>
        (['p50', 'p99'] as const).map((field) =>
          time(
            `${verb} ${field}, ${backend}, ${jobs} jobs, ${inFlight} in flight`,
            rounds.map((round) => round[field]),
          ),
        ),
      ),
    ),
    ...(['verify', 'rebuild'] as const).map((verb) =>
      rate(
        verb,
        walks.filter((walk) => walk.verb === verb).map(({ events, seconds }) => events / seconds),
      ),
    ),
    ...size
      .filter(({ subject }) => subject === OURS)
      .flatMap(({ records, createdBytes, progressBytes, finishedBytes }) => [
        less(`bytes a job, created, ${records}`, [createdBytes]),
        less(`bytes a progress event, ${records}`, [progressBytes]),
        less(`bytes a job at its end, ${records}`, [finishedBytes]),
      ]),
    ...(['p50', 'p99'] as const).map((field) =>
      less(`live latency ${field}`, live?.latency.jobledger.map((round) => round[field]) ?? []),
    ),
  ].filter(({ values }) => values.length > 0)
}

/** Calls of SET a second; null if they were not measured. */
export function yardstickOf({ measurements, load }: BenchResult): number | null {
  const sets = at([...measurements, ...load], 'updateProgress', 256).find(
    ({ contender }) => contender === 'ioredis SET',
  )
  return sets === undefined ? null : spreadOf(sets.rounds.map(perSecond)).median
}

function isOurs({ contender }: Measurement): boolean {
  return contender.startsWith('jobledger')
}

function nameOf({ verb, contender, inFlight }: Measurement): string {
  return `${verb}, ${contender}, ${inFlight} in flight`
}

function more(name: string, values: number[]): Figure {
  return { name, values, better: 'more' }
}

function less(name: string, values: number[]): Figure {
  return { name, values, better: 'less' }
}

function scaled(values: readonly number[], by: number): number[] {
  return values.map((value) => value * by)
}
