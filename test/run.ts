/**
 * The test runner: `npm test [-- paths or parts of names] [--timeout-ms N] [--concurrency N]`.
 * Runs each test file in a process of its own and cannot be green with nothing run. Its last line is "N passed, N failed".
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { parseArgs } from 'node:util'

import { compileTests } from './support/compile-tests.ts'
import { findRedis, redisEnvironment } from './support/find-redis.ts'
import { inLanes, positiveInteger } from './support/in-lanes.ts'
import { type FileResult, runFile } from './support/run-file.ts'

const SLOWEST_SHOWN = 5

/** Those that run longest, longest first: one that begins last would have a core to itself at the end. */
const LONG = [
  'contract-redis-mock',
  'contract-redis-7-partitions-nothing-inline',
  'contract-redis-cluster',
  'contract-redis',
  'bench',
  'contract-sqlite',
  'migrate/killed',
  'compact-killed',
  'retention-soak',
  'many-readers',
  'walks-under-load',
  'migrate/migrate',
  'model/mutants',
  'differential',
]

await main().catch((error: unknown) => {
  console.log(`The tests could not be run: ${error instanceof Error ? error.message : String(error)}`)
  conclude(0, 1)
})

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'timeout-ms': { type: 'string', default: '240000' },
      // Of two cores a third of the time would be spent waiting for kills, restarts and timers.
      concurrency: { type: 'string', default: '3' },
    },
  })
  const files = longestFirst(selectFiles(positionals))
  if (files.length === 0) throw new Error(`no test file matches ${positionals.join(' ') || 'test/**/*.test.ts'}`)
  const timeoutMs = positiveInteger('--timeout-ms', values['timeout-ms'])
  const concurrency = positiveInteger('--concurrency', values.concurrency)
  const env = { ...process.env, ...redisEnvironment(findRedis()) }
  using compiled = compileTests(files)
  const results = await runAll(files, concurrency, { timeoutMs, env, compiled, signal: abortOnSignals() })
  report(results, files.length)
}

/** Each argument is a path, if there is one of that name, or else a part of the names wanted. None means all. */
function selectFiles(wanted: string[]): string[] {
  const all = testFilesIn(import.meta.dirname)
  if (wanted.length === 0) return all
  const selected = wanted.flatMap((argument) => {
    if (!existsSync(argument)) return all.filter((file) => relative(process.cwd(), file).includes(argument))
    return statSync(argument).isDirectory() ? testFilesIn(resolve(argument)) : [resolve(argument)]
  })
  return [...new Set(selected)]
}

function longestFirst(files: readonly string[]): string[] {
  const rank = (file: string): number => {
    const place = LONG.findIndex((name) => file.endsWith(`${sep}${name}.test.ts`))
    return place === -1 ? LONG.length : place
  }
  return files.toSorted((one, other) => rank(one) - rank(other))
}

function testFilesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => join(folder, name))
}

/** The test files have process groups of their own, so Ctrl-C reaches this process only: it passes it on. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort())
  return controller.signal
}

async function runAll(
  files: string[],
  concurrency: number,
  options: Parameters<typeof runFile>[1],
): Promise<FileResult[]> {
  const results: FileResult[] = []
  await inLanes(files, concurrency, options.signal, async (file) => {
    const result = await runFile(file, options)
    results.push(result)
    reportFile(result)
  })
  return results
}

function reportFile(result: FileResult): void {
  const mark = result.reasons.length === 0 ? 'ok  ' : 'FAIL'
  console.log(`${mark} ${count(result).padStart(9)} ${seconds(result).padStart(8)}  ${relative('', result.file)}`)
  if (result.reasons.length > 0) console.log(`${result.output.trimEnd()}\n${explain(result)}\n`)
}

function report(results: FileResult[], wanted: number): void {
  const failures = results.filter((result) => result.reasons.length > 0)
  const slowest = results.toSorted((one, other) => other.durationMs - one.durationMs).slice(0, SLOWEST_SHOWN)
  console.log('\nSlowest files:')
  for (const result of slowest) console.log(`  ${seconds(result).padStart(8)}  ${relative('', result.file)}`)
  if (failures.length > 0) console.log('\nFailures:')
  for (const result of failures) console.log(explain(result))
  const notRun = wanted - results.length
  if (notRun > 0) console.log(`\nInterrupted: ${notRun} of ${wanted} files were not run.`)
  console.log('')
  conclude(sum(results, 'passed'), sum(results, 'failed') + notRun)
}

function conclude(passed: number, failed: number): void {
  if (failed > 0 || passed === 0) process.exitCode = 1
  console.log(`${passed} passed, ${failed} failed`)
}

function explain(result: FileResult): string {
  return [`  ${relative('', result.file)}`, ...result.reasons.map((reason) => `    ${reason}`)].join('\n')
}

function count(result: FileResult): string {
  return `${result.passed}/${result.passed + result.failed}`
}

function seconds(result: FileResult): string {
  return `${(result.durationMs / 1000).toFixed(1)} s`
}

function sum(results: FileResult[], field: 'passed' | 'failed'): number {
  return results.reduce((total, result) => total + result[field], 0)
}
