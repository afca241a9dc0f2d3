import type { Round } from './measure.ts'

/** A figure of several rounds. */
export interface Spread {
  median: number
  min: number
  max: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

export function perSecond({ calls, ms }: Round): number {
  return (calls * 1000) / ms
}

/** How many times as fast: round by round, so that what slows the whole machine for a while slows both sides. */
export function ratioOf(one: { rounds: readonly Round[] }, other: { rounds: readonly Round[] }): Spread {
  return spreadOf(
    one.rounds.map((round, index) => {
      const against = other.rounds[index]
      return against === undefined ? Number.NaN : perSecond(round) / perSecond(against)
    }),
  )
}

/** @param sorted from small to large @param fraction 0.5 for the median */
export function quantile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN
}
