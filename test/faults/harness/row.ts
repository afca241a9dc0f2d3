import { appendFileSync, readFileSync } from 'node:fs'

/** What became of a scenario, for the table. */
export interface ScenarioRow {
  name: string
  promises: readonly string[]
  amount: number
  seed: number
  hits: number
  floor: number
  violations: string[]
  figures: string
  /** Those that must be caught. */
  mutants: readonly string[]
  seconds: number
}

/** What became of a scenario with a mutant. */
export interface MutantRow {
  name: string
  mutant: string
  /** The violation that was found; null if none was. */
  caughtBy: string | null
}

/** Adds a line of JSON to the file that main.ts names; without one the table is nobody's. */
export function writeRow(row: ScenarioRow | MutantRow): void {
  const file = process.env['JOBLEDGER_FAULTS_REPORT']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(row)}\n`)
}

/** All that was written. */
export interface Rows {
  scenarios: ScenarioRow[]
  mutants: MutantRow[]
}

/** Reads what writeRow wrote: by the scenarios' names, in whichever order they ended. */
export function readRows(file: string): Rows {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  const rows = lines
    .map((line) => JSON.parse(line) as ScenarioRow | MutantRow)
    .sort((one, other) => one.name.localeCompare(other.name))
  return {
    scenarios: rows.filter((row) => 'hits' in row),
    mutants: rows.filter((row) => 'mutant' in row),
  }
}
