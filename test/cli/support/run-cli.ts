import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

import { buildPackage } from '../../support/build-package.ts'
import { onProcessEnd } from '../../support/process-end.ts'

/** Built once a test file: a run costs a fifth of a second then, instead of half. */
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

/**
 * Runs the command line as a process, with nobody to ask: neither stream is a terminal. That it ends by itself is part of
 * what is tried.
 */
export async function runCli(args: readonly string[], options?: CliOptions): Promise<CliRun> {
  return startCli(args, options).ended
}

/** A command line that goes on until it is stopped. */
export interface RunningCli {
  /** What it has printed so far, whole lines only. */
  lines: () => string[]
  stop: (signal: NodeJS.Signals) => Promise<CliRun>
  ended: Promise<CliRun>
}

/** Starts the command line as a process. It dies with this one. */
export function startCli(args: readonly string[], { env = {}, input = '' }: CliOptions = {}): RunningCli {
  main ??= `${buildPackage()}/dist/cli/main.js`
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'pipe',
  })
  const forget = onProcessEnd(() => child.kill('SIGKILL'))
  // A command that does not read its input may be gone before it is written.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk
  })
  const closed = once(child, 'close') as Promise<[number | null]>
  const ended = Promise.all([text(child.stderr), closed]).then(([stderr, [code]]) => {
    forget()
    return { code, stdout: printed, stderr }
  })
  const stop = (signal: NodeJS.Signals): Promise<CliRun> => {
    child.kill(signal)
    return ended
  }
  return { lines: () => printed.split('\n').slice(0, -1), stop, ended }
}
