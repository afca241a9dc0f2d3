#!/usr/bin/env node
import { EXIT } from './exit-codes.ts'
import { runCommandLine } from './run.ts'
import { Screen } from './terminal/screen.ts'

/** For what is under way to end by itself. */
const GRACE_MS = 2000

const { stdin, stdout, stderr, env, argv } = process
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    interruption.abort()
    setTimeout(() => {
      new Screen(stderr, env).restore()
      process.exit(EXIT.interrupted)
    }, GRACE_MS).unref()
  })
// Who reads through a pipe may have seen enough: there is nobody left to tell anything.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.fine : EXIT.failed))
// What could not be said changes nothing of what was done, nor the exit code.
stderr.on('error', () => {})
process.exitCode = await runCommandLine({ stdin, stdout, stderr, env, signal: interruption.signal }, argv.slice(2))
