import type { JobStore } from '../contract.ts'
import type { JobCore } from '../core/job.ts'
import type { ExitCode } from './exit-codes.ts'
import type { StoreConfig } from './store-config.ts'
import type { Output } from './terminal/output.ts'
import type { Screen } from './terminal/screen.ts'

/** A job with own fields of any name: what it is about is its owner's business. */
export interface AnyJob extends JobCore {
  [field: string]: unknown
}

/** A store as the commands see it. */
export type AnyStore = JobStore<AnyJob>

/** Where the command line is run. */
export interface Surroundings {
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  env: Record<string, string | undefined>
  /** Aborts when the user has had enough. */
  signal: AbortSignal
}

/** What every command is given. */
export interface Context {
  surroundings: Surroundings
  output: Output
  /** On stderr: what is drawn while the work goes on. */
  progress: Screen
  /** For programs: JSON, and nothing else, on stdout. */
  isJson: boolean
  /** The change was confirmed on the command line. */
  isConfirmed: boolean
  /** The store that was named. @throws UsageError if none was */
  config: () => StoreConfig
}

/** What a command does, given its arguments and its own options. */
export type Action<Arguments extends unknown[], Options> = (
  context: Context,
  options: Options,
  ...args: Arguments
) => Promise<ExitCode>
