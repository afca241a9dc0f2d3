import type { BenchResult } from '../result.ts'
import { spreadOf, type Spread } from '../statistics.ts'
import { figuresOf, yardstickOf, type Figure } from './figures.ts'

/** A figure that is worse than it was, by more than both runs' own spread. */
export interface Slower {
  name: string
  /** New median / old median. */
  ratio: number
}

export interface Difference {
  slower: Slower[]
  compared: number
  /** Figures that only the old run has. */
  missing: string[]
  /** What else differs between the two runs, in a sentence each. */
  warnings: string[]
}

/** Less than this is never called worse: what was measured once has no spread. */
const MARGIN = 0.02

/** Holds a new result against an old one. */
export function findSlower(old: BenchResult, fresh: BenchResult): Difference {
  const areBothInSets = yardstickOf(old) !== null && yardstickOf(fresh) !== null
  const before = figuresOf(areBothInSets ? old : withoutYardstick(old))
  const after = new Map(
    figuresOf(areBothInSets ? fresh : withoutYardstick(fresh)).map((figure) => [figure.name, figure]),
  )
  const pairs = before.flatMap((figure) => {
    const now = after.get(figure.name)
    return now === undefined ? [] : [{ figure, now }]
  })
  return {
    slower: pairs.flatMap(({ figure, now }) => worseOf(figure, now)),
    compared: pairs.length,
    missing: before.filter(({ name }) => !after.has(name)).map(({ name }) => name),
    warnings: warningsOf(old, fresh, areBothInSets),
  }
}

function worseOf(old: Figure, fresh: Figure): Slower[] {
  // As if more were better: then only one way has to be thought of.
  const sign = old.better === 'more' ? 1 : -1
  const [before, after] = [old, fresh].map(({ values }) => spreadOf(values.map((value) => sign * value))) as [
    Spread,
    Spread,
  ]
  const isBeyondSpread = after.median < before.min && after.max < before.median
  const isBeyondMargin = before.median - after.median > MARGIN * Math.abs(before.median)
  return isBeyondSpread && isBeyondMargin ? [{ name: old.name, ratio: after.median / before.median }] : []
}

function isSet({ contender }: { contender: string }): boolean {
  return contender === 'ioredis SET'
}

function withoutYardstick(result: BenchResult): BenchResult {
  return {
    ...result,
    measurements: result.measurements.filter((each) => !isSet(each)),
    load: result.load.filter((each) => !isSet(each)),
  }
}

function warningsOf(old: BenchResult, fresh: BenchResult, areBothInSets: boolean): string[] {
  const [before, after] = [old.environment, fresh.environment]
  const versions = Object.entries(before.versions).filter(([name, version]) => after.versions[name] !== version)
  return [
    ...(areBothInSets ? [] : ['No ioredis SET in both: the figures are those of the machine, too.']),
    ...versions.map(([name, version]) => `${name} was ${version} and is ${after.versions[name] ?? 'not known'}.`),
    ...(before.machine.cpu === after.machine.cpu && before.machine.cores === after.machine.cores
      ? []
      : ['The machine is another one.']),
    ...(before.options.pace.durationMs === after.options.pace.durationMs && before.options.scale === after.options.scale
      ? []
      : ['Rounds or sizes are others: measure both with the same options.']),
    ...[before, after]
      .filter(({ machine }) => machine.loadBefore > machine.cores / 2)
      .map(({ date, machine }) => `The machine was at work already (load ${machine.loadBefore.toFixed(1)}), ${date}.`),
  ]
}
