import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

import { buildPackage } from '../../support/build-package.ts'

/** Built once a test file: a run costs a fifth of a second then, instead of half. */
let main: string | undefined

/** How a run of the command line ended, and what it said. */
export interface CliRun {
  code: number | null
  stdout: string
  stderr: string
}

/**
 * Runs the command line as a process, with nobody to ask: neither stream is a terminal. That it ends by itself is part of
 * what is tried.
 */
export async function runCli(
  args: readonly string[],
  { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {},
): Promise<CliRun> {
  main ??= `${buildPackage()}/dist/cli/main.js`
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'pipe',
  })
  // A command that does not read its input may be gone before it is written.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const closed = once(child, 'close') as Promise<[number | null]>
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, stdout, stderr }
}
