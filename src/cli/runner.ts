import { InvalidArgumentError, type Command } from 'commander'

import type { Action, Context, Surroundings } from './context.ts'
import type { ExitCode } from './exit-codes.ts'
import { storeConfig, type StoreChoice } from './store-config.ts'
import { Output } from './terminal/output.ts'
import { Screen } from './terminal/screen.ts'

/** Makes of an action what commander calls. */
export type Run = <Arguments extends unknown[], Options>(
  action: Action<Arguments, Options>,
) => (...received: unknown[]) => Promise<void>

/** The options that every command takes, and --yes, which some do. */
type CommonOptions = StoreChoice & { json?: boolean; yes?: boolean }

/** @param settle told the exit code of the command that was run */
export function runnerOf(surroundings: Surroundings, settle: (code: ExitCode) => void): Run {
  return (action) =>
    async (...received) => {
      // After the arguments and the options, commander hands over the command itself.
      const command = received.at(-1) as Command
      const options = command.optsWithGlobals<CommonOptions>()
      const context = contextOf(surroundings, options)
      settle(await action(context, options as never, ...(command.processedArgs as never)))
    }
}

function contextOf(surroundings: Surroundings, options: CommonOptions): Context {
  const { stdout, stderr, env } = surroundings
  return {
    surroundings,
    // Into a file or a pipe everything goes whole, however wide.
    output: new Output(new Screen(stdout, env, Infinity)),
    progress: new Screen(stderr, env),
    isJson: options.json === true,
    isConfirmed: options.yes === true,
    config: () => storeConfig(options, env),
  }
}

/** Adds --yes to a command that changes or deletes. */
export function asking(command: Command): Command {
  return command.option('-y, --yes', 'do it without asking; needed where nobody can be asked')
}

/** Reads a whole number of an option. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }
}

/** Reads a time of an option: ISO 8601; UTC, unless it says otherwise. */
export function time(text: string): Date {
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text)
  const isTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i.test(text)
  const value = new Date(isTime && text.length > 10 && !hasZone ? `${text}Z` : text)
  if (isTime && isDay(text.slice(0, 10)) && !Number.isNaN(value.getTime())) return value
  throw new InvalidArgumentError('Expected a time like 2026-01-31 or 2026-01-31T12:00:00Z.')
}

/** Date takes 31 February for 3 March, and what is told to delete up to a day would delete more than was meant. */
function isDay(day: string): boolean {
  const value = new Date(`${day}T00:00Z`)
  return !Number.isNaN(value.getTime()) && value.toISOString().startsWith(day)
}
