#!/usr/bin/env node
import type { Surroundings } from './context.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { explain } from './explain.ts'
import { makeProgram } from './program.ts'
import { runnerOf } from './runner.ts'

/** For what is under way to end by itself. */
const GRACE_MS = 2000

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    interruption.abort()
    setTimeout(() => process.exit(EXIT.interrupted), GRACE_MS).unref()
  })
const { stdin, stdout, stderr, env, argv } = process
// Who reads through a pipe may have seen enough: there is nobody left to tell anything.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.fine : EXIT.failed))
process.exitCode = await main({ stdin, stdout, stderr, env, signal: interruption.signal }, argv)

async function main(surroundings: Surroundings, args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.fine
  const run = runnerOf(surroundings, (code) => {
    exitCode = code
  })
  try {
    await makeProgram(surroundings, run).parseAsync(args)
    return exitCode
  } catch (error) {
    return explain(error, surroundings)
  }
}
