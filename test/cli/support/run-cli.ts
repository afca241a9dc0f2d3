import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { PassThrough, Readable, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

import { runCommandLine } from '../../../src/cli/run.ts'
import { buildPackage } from '../../support/build-package.ts'
import { onProcessEnd } from '../../support/process-end.ts'

/** Built once a test file: a run costs a third of a second then, instead of half. */
let main: string | undefined

/** How a run of the command line ended, and what it said. */
export interface CliRun {
  code: number | null
  stdout: string
  stderr: string
}

interface CliOptions {
  env?: Record<string, string>
  input?: string
}

interface StartOptions extends CliOptions {
  /** A process may still write to its stdin. */
  keepsInputOpen?: boolean
  /** Nobody reads its stderr, or it goes to a file of this name. */
  stderr?: 'closed' | `/${string}`
}

/** Runs the command line in this process, with nobody to ask: neither stream is a terminal. */
export async function runCli(args: readonly string[], { env = {}, input = '' }: CliOptions = {}): Promise<CliRun> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const printed = [text(stdout), text(stderr)]
  const streams = { stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]), stdout, stderr }
  const { signal } = new AbortController()
  const code = await runCommandLine({ ...(streams as unknown as Streams), env, signal }, args)
  stdout.end()
  stderr.end()
  const [toStdout = '', toStderr = ''] = await Promise.all(printed)
  return { code, stdout: toStdout, stderr: toStderr }
}

/** What a process has; the command line asks them for no more than whether they are terminals. */
type Streams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>

/** A command line that goes on until it is stopped, or has nothing left to do. */
export interface RunningCli {
  /** What it has printed so far, whole lines only. */
  lines: () => string[]
  stop: (signal: NodeJS.Signals) => Promise<CliRun>
  ended: Promise<CliRun>
}

/** Starts the command line as a process, as users do. It dies with this one. */
export function startCli(
  args: readonly string[],
  { env = {}, input = '', keepsInputOpen = false, stderr: errors }: StartOptions = {},
): RunningCli {
  main ??= `${buildPackage()}/dist/cli/main.js`
  const file = errors?.startsWith('/') ? openSync(errors, 'w') : undefined
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', file ?? 'pipe'],
  }) as ChildProcessByStdio<Writable, Readable, Readable | null>
  if (file !== undefined) closeSync(file)
  if (errors === 'closed') child.stderr?.destroy()
  const forget = onProcessEnd(() => child.kill('SIGKILL'))
  // A command that does not read its input may be gone before it is written.
  child.stdin.on('error', () => {})
  if (keepsInputOpen) child.stdin.write(input)
  else child.stdin.end(input)
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk
  })
  const closed = once(child, 'close') as Promise<[number | null]>
  const said = errors === undefined && child.stderr !== null ? text(child.stderr) : ''
  const ended = Promise.all([said, closed]).then(([stderr, [code]]) => {
    forget()
    return { code, stdout: printed, stderr }
  })
  const stop = (signal: NodeJS.Signals): Promise<CliRun> => {
    child.kill(signal)
    return ended
  }
  return { lines: () => printed.split('\n').slice(0, -1), stop, ended }
}
