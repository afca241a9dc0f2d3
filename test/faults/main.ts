/**
 * Every promise tried with the amounts of docs/promises.md: `npm run test:faults [-- --only NAME] [--amount-scale X]
 * [--no-mutants] [--concurrency N] [--json FILE]`. Runs each fault file in a process of its own, prints a table and writes it
 * as JSON. Fails on a violation, a floor that is not reached, a mutant that is not caught, and a file that fails.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'

import { compileTests } from '../support/compile-tests.ts'
import { findRedis, redisEnvironment } from '../support/find-redis.ts'
import { inLanes, positiveInteger } from '../support/in-lanes.ts'
import { type FileResult, runFile } from '../support/run-file.ts'
import { readRows, type Rows } from './harness/row.ts'
import { failuresOf, tableOf } from './harness/table.ts'

const FILE_TIMEOUT_MS = 45 * 60_000
/** Of the tests that kill what works on the log, and are no scenarios. */
const KILL_ROUNDS = 50
/** Of the store that is kept small while it is used. */
const SOAK_SECONDS = 60

/** These begin first: at the end all lanes would wait for one. */
const TAKES_LONG = ['torn-aof', 'differential', 'kill-9', 'compact-killed', 'walks-under-load'].map(
  (name) => `${name}.test.ts`,
)

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    'amount-scale': { type: 'string', default: '1' },
    'no-mutants': { type: 'boolean', default: false },
    // Of two cores most would be spent waiting for kills, restarts and timers.
    concurrency: { type: 'string', default: '2' },
    json: { type: 'string', default: join(import.meta.dirname, '../../bench/results/faults.json') },
  },
})
await main()

async function main(): Promise<void> {
  const files = filesWith(values.only)
  if (files.length === 0) throw new Error(`no fault test has ${values.only} in its path or the name of a scenario`)
  const report = join(tmpdir(), `jobledger-faults-${process.pid}.jsonl`)
  writeFileSync(report, '')
  const results = await runAll(files, { ...process.env, ...redisEnvironment(findRedis()), ...longForm(report) })
  const rows = readRows(report)
  mkdirSync(dirname(values.json), { recursive: true })
  writeFileSync(
    values.json,
    JSON.stringify({ at: new Date().toISOString(), scale: values['amount-scale'], ...rows }, null, 2),
  )
  conclude(results, rows)
}

/** The files with this in their path; and those that name it, if it is a scenario. */
function filesWith(only: string): string[] {
  return readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .sort((one, other) => Number(TAKES_LONG.includes(other)) - Number(TAKES_LONG.includes(one)))
    .map((name) => join(import.meta.dirname, name))
    .filter(
      (file) => relative(import.meta.dirname, file).includes(only) || readFileSync(file, 'utf8').includes(`'${only}'`),
    )
}

function longForm(report: string): Record<string, string> {
  return {
    JOBLEDGER_FAULTS: 'long',
    JOBLEDGER_FAULTS_REPORT: report,
    JOBLEDGER_FAULTS_SCALE: values['amount-scale'],
    JOBLEDGER_FAULTS_MUTANTS: values['no-mutants'] ? 'off' : 'on',
    JOBLEDGER_FAULT_ROUNDS: `${Math.ceil(KILL_ROUNDS * Number(values['amount-scale']))}`,
    JOBLEDGER_SOAK_SECONDS: `${Math.ceil(SOAK_SECONDS * Number(values['amount-scale']))}`,
  }
}

async function runAll(files: string[], env: NodeJS.ProcessEnv): Promise<FileResult[]> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort())
  const results: FileResult[] = []
  using compiled = compileTests(files)
  await inLanes(files, positiveInteger('--concurrency', values.concurrency), stop.signal, async (file) => {
    const only = relative(import.meta.dirname, file).includes(values.only) ? '' : values.only
    const own = { ...env, JOBLEDGER_FAULTS_ONLY: only }
    const result = await runFile(file, { timeoutMs: FILE_TIMEOUT_MS, env: own, signal: stop.signal, compiled })
    console.log(`${relative('', file)}: ${(result.durationMs / 1000).toFixed(0)} s\n${result.output.trim()}`)
    results.push(result)
  })
  if (results.length < files.length) throw new Error(`interrupted: ${files.length - results.length} files were not run`)
  return results
}

function conclude(results: readonly FileResult[], rows: Rows): void {
  console.log(`\n${tableOf(rows)}\n`)
  const failures = [
    ...failuresOf(rows, !values['no-mutants']),
    ...results.flatMap(({ file, reasons }) => reasons.map((reason) => `${relative('', file)}: ${reason}`)),
  ]
  for (const failure of failures) console.log(failure)
  const tests = results.reduce((sum, { passed }) => sum + passed, 0)
  console.log(`${rows.scenarios.length} scenarios, ${tests} tests passed, ${failures.length} failures; ${values.json}`)
  if (failures.length > 0 || rows.scenarios.length === 0) process.exitCode = 1
}
