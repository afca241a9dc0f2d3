import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import type { Environment } from './environment.ts'
import type { GrowthMeasurement } from './growth.ts'
import type { LiveMeasurement } from './live/measure-live.ts'
import type { Measurement } from './compare.ts'
import type { Round } from './measure.ts'
import type { UpkeepMeasurement } from './upkeep.ts'
import { perSecond, ratioOf, spreadOf, type Spread } from './statistics.ts'

/** What a run leaves behind: every round, so that another program can judge it. */
export interface BenchResult {
  /** Of this file's form. */
  format: 1
  environment: Environment
  measurements: Measurement[]
  growth: GrowthMeasurement[]
  upkeep: UpkeepMeasurement | null
  live: LiveMeasurement | null
}

const PEERS = ['plain ioredis', 'BullMQ']
const OURS_ON_REDIS = 'jobledger redis'
const COLUMNS = [20, 11, 19, 10, 11, 11, 12]

/** One verb's table: calls a second, and where their time went. Ratios stand where both sides are on the same server. */
export function formatVerb(measurements: readonly Measurement[]): string {
  const [first] = measurements
  if (first === undefined) return ''
  const head = [`${first.verb}, ${first.inFlight} in flight`, '', '', '', 'client CPU', 'server CPU', 'in commands']
  const units = ['', 'calls/s', 'min – max', 'µs a call', 'µs a call', 'µs a call', 'µs a call']
  const lines = [row(head), row(units), ...measurements.map(formatMeasurement)]
  return [...lines, ...formatRatios(measurements)].join('\n')
}

function formatMeasurement(measurement: Measurement): string {
  const { contender, rounds, inFlight, usedInFlight } = measurement
  const rate = spreadOf(rounds.map(perSecond))
  const note = usedInFlight === inFlight ? '' : `  (only ${usedInFlight} in flight)`
  const columns = [
    `  ${contender}`,
    whole(rate.median),
    `${whole(rate.min)} – ${whole(rate.max)}`,
    short(1e6 / rate.median),
    short(medianOf(rounds, 'clientUs')),
    short(medianOf(rounds, 'serverUs')),
    short(medianOf(rounds, 'commandUs')),
  ]
  return row(columns) + note
}

function formatRatios(measurements: readonly Measurement[]): string[] {
  return PEERS.flatMap((peer) => {
    const ratio = ratioAgainst(measurements, peer)
    return ratio === null ? [] : [`  ${OURS_ON_REDIS} / ${peer}: ${formatRatio(ratio)}`]
  })
}

/** Ours on Redis against a peer; null if either was not measured. */
export function ratioAgainst(measurements: readonly Measurement[], peer: string): Spread | null {
  const ours = measurements.find(({ contender }) => contender === OURS_ON_REDIS)
  const theirs = measurements.find(({ contender }) => contender === peer)
  return ours === undefined || theirs === undefined ? null : ratioOf(ours, theirs)
}

export function formatRatio({ median, min, max }: Spread): string {
  return `${short(median)} × (${short(min)} – ${short(max)})`
}

/** Writes the JSON file. @returns its path */
export function writeJson(result: BenchResult, file: string | null): string {
  const name = `${result.environment.date.replaceAll(':', '-')}.json`
  const path = resolve(file ?? `${import.meta.dirname}/results/${name}`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`)
  return path
}

function medianOf(rounds: readonly Round[], field: 'clientUs' | 'serverUs' | 'commandUs'): number | null {
  const values = rounds.map((round) => round[field])
  return values.includes(null) ? null : spreadOf(values as number[]).median
}

function row(columns: readonly string[]): string {
  const [name = '', ...figures] = columns
  const cells = figures.map((figure, index) => figure.padStart(COLUMNS[index + 1] ?? 0))
  return name.padEnd(COLUMNS[0] ?? 0) + cells.join(' ')
}

function whole(value: number): string {
  return value < 1000 ? short(value) : Math.round(value).toLocaleString('en-US')
}

/** Three digits, as many as a noisy machine supports. */
function short(value: number | null): string {
  if (value === null) return '–'
  if (!Number.isFinite(value)) return '?'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}
