/** What the process ends with, for scripts. The help and docs/cli.md say the same. */
export const EXIT = {
  fine: 0,
  /** Something is wrong with the store, or what was asked for is not there. */
  found: 1,
  /** The command line or the environment is wrong, or a change was not confirmed. Nothing was done. */
  usage: 2,
  /** The store could not be reached, or something else failed. */
  failed: 3,
  /** By Ctrl-C or SIGTERM: as a shell would say it. */
  interrupted: 130,
} as const

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The command line can't be understood, or not be followed; the message says why. */
export class UsageError extends Error {}
