import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

import type { CompiledTests } from './compile-tests.ts'
import { endsWithSummary, parseUvuSummary } from './uvu-summary.ts'

export interface FileResult {
  file: string
  passed: number
  /** At least 1 if anything is wrong with the file, whatever its tests say. */
  failed: number
  /** Why it failed; empty if it passed. */
  reasons: string[]
  output: string
  durationMs: number
}

/** How a test file's process ended. */
interface FileRun {
  exitCode: number | null
  signal: NodeJS.Signals | null
  timedOut: boolean
  /** Its tests had ended, and it had not. */
  lingered: boolean
  output: string
}

/** uvu's summary and errors stand at the end: of a file that writes without measure, that is what is kept. */
const MAX_OUTPUT_LENGTH = 200_000
/** How long a process that is gone may keep its pipes open through a grandchild that left its group. */
const DRAIN_MS = 2000
/** How long a process may take to end once uvu has said how its tests ended. */
const LINGER_MS = 20_000

/** What is the same for all files. */
interface RunOptions {
  timeoutMs: number
  env: NodeJS.ProcessEnv
  signal: AbortSignal
  compiled: CompiledTests
}

/** Runs one test file in a process group of its own, which is killed when the file ends or its time is up. */
export async function runFile(file: string, options: RunOptions): Promise<FileResult> {
  const startedAt = performance.now()
  const program = options.compiled.pathOf(file)
  const loader = program === file ? ['--import', import.meta.resolve('tsx')] : ['--enable-source-maps']
  const child = spawn(process.execPath, [...loader, program], {
    detached: true,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const run: FileRun = { exitCode: null, signal: null, timedOut: false, lingered: false, output: '' }
  let lingering: NodeJS.Timeout | undefined
  const linger = (): void => {
    run.lingered = true
    killGroup(child)
  }
  const collect = (chunk: string): void => {
    run.output = (run.output + chunk).slice(-MAX_OUTPUT_LENGTH)
    clearTimeout(lingering)
    if (endsWithSummary(run.output)) lingering = setTimeout(linger, Math.min(LINGER_MS, options.timeoutMs / 10))
  }
  child.stdout.setEncoding('utf8').on('data', collect)
  child.stderr.setEncoding('utf8').on('data', collect)
  const abort = (): void => killGroup(child)
  options.signal.addEventListener('abort', abort)
  const timeout = setTimeout(() => {
    run.timedOut = true
    killGroup(child)
  }, options.timeoutMs)
  const closed = once(child, 'close')
  ;[run.exitCode, run.signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timeout)
  clearTimeout(lingering)
  options.signal.removeEventListener('abort', abort)
  killGroup(child)
  const drain = setTimeout(() => {
    child.stdout.destroy()
    child.stderr.destroy()
  }, DRAIN_MS)
  await closed
  clearTimeout(drain)
  return judge(file, run, performance.now() - startedAt, options.timeoutMs)
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // ESRCH: nothing of the group is left, as it should be.
  }
}

/** Passed only if tests ran, each of them passed, and the process ended well: uvu's exit code alone says none of these. */
function judge(file: string, run: FileRun, durationMs: number, timeoutMs: number): FileResult {
  const summary = parseUvuSummary(run.output)
  const { total, passed, skipped } = summary ?? { total: 0, passed: 0, skipped: 0 }
  const reasons: string[] = []
  if (run.timedOut) reasons.push(`it had not ended after ${timeoutMs} ms and was killed`)
  else if (run.lingered) reasons.push('its tests had ended, and it had not: something was left open')
  else if (run.signal !== null) reasons.push(`it was killed by ${run.signal}`)
  else if (run.exitCode !== 0) reasons.push(`it ended with exit code ${run.exitCode}`)
  if (summary === null) reasons.push('uvu printed no summary: it crashed, or no suite called run()')
  else if (total === 0) reasons.push('it ran no test')
  if (skipped > 0) reasons.push(`${skipped} tests were skipped`)
  if (passed !== total) reasons.push(`${total - passed} of ${total} tests did not pass${swallowedHint(run)}`)
  const failed = reasons.length === 0 ? 0 : Math.max(1, total - passed + skipped)
  return { file, passed, failed, reasons, output: run.output, durationMs }
}

function swallowedHint(run: FileRun): string {
  return run.exitCode === 0 ? ', and uvu kept silent: an error in a before or after hook, which it swallows' : ''
}
