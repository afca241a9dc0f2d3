import { CommanderError } from 'commander'

import { InvalidConfigError, InvalidCursorError, JobStoreError, MigrationMismatchError } from '../core/errors.ts'
import type { Surroundings } from './context.ts'
import { EXIT, UsageError, type ExitCode } from './exit-codes.ts'
import { Output } from './terminal/output.ts'
import { Screen } from './terminal/screen.ts'

/** Says on stderr what went wrong, with a stack only if it is the program's own fault. @returns the exit code */
export function explain(error: unknown, { stderr, env, signal }: Surroundings): ExitCode {
  // Commander has said it already; help and version are none.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage
  const output = new Output(new Screen(stderr, env, Infinity))
  if (signal.aborted) {
    output.line('Interrupted.')
    return EXIT.interrupted
  }
  const isExpected = error instanceof JobStoreError || error instanceof UsageError || hasCode(error)
  const text = error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error)
  for (const line of text.split('\n')) output.line(line)
  if (error instanceof MigrationMismatchError) return EXIT.found
  return isMisuse(error) ? EXIT.usage : EXIT.failed
}

function isMisuse(error: unknown): boolean {
  return error instanceof UsageError || error instanceof InvalidConfigError || error instanceof InvalidCursorError
}

/** What the operating system or a driver says. */
function hasCode(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string'
}
