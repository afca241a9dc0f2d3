import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import type { Measurement } from './compare/measure-compare.ts'
import type { Environment } from './environment.ts'
import type { GrowthMeasurement } from './growth/measure-growth.ts'
import type { LiveMeasurement } from './live/measure-live.ts'
import type { ProcessesRow } from './processes/measure-processes.ts'
import type { SubjectSize } from './size/measure-size.ts'
import type { UpkeepMeasurement } from './upkeep/measure-upkeep.ts'

/** Of a result's form. */
const FORMAT = 2

/** What a run leaves behind: every round, so that another program can judge it. Empty or null: not measured. */
export interface BenchResult {
  format: typeof FORMAT
  environment: Environment
  measurements: Measurement[]
  size: SubjectSize[]
  load: Measurement[]
  processes: ProcessesRow[]
  growth: GrowthMeasurement[]
  upkeep: UpkeepMeasurement | null
  live: LiveMeasurement | null
}

export function emptyResult(environment: Environment): BenchResult {
  const none = { measurements: [], size: [], load: [], processes: [], growth: [], upkeep: null, live: null }
  return { format: FORMAT, environment, ...none }
}

/** @returns the file's path */
export function writeResult(result: BenchResult, file: string | null): string {
  const name = `${result.environment.date.replaceAll(':', '-')}.json`
  const path = resolve(file ?? `${import.meta.dirname}/results/${name}`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`)
  return path
}

/** @throws Error if the file is no result, or one of another form */
export function readResult(path: string): BenchResult {
  const result = JSON.parse(readFileSync(path, 'utf8')) as BenchResult
  const format: number = result.format
  if (format !== FORMAT) throw new Error(`${path} is of format ${String(format)}, not ${FORMAT}: measure again.`)
  return result
}
