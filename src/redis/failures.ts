import { printable } from '../core/printable.ts'

/**
 * What an error of the client says about a command: 'refused' and 'later' were not applied for sure, and 'later' may be
 * tried again; 'full' is a refusal for want of memory; 'unknown' may have been applied; 'defect' must be loud.
 */
export type FailureKind = 'refused' | 'later' | 'full' | 'unknown' | 'defect'

const REFUSALS: Record<string, FailureKind> = {
  OOM: 'full',
  READONLY: 'later',
  LOADING: 'later',
  BUSY: 'later',
  // The client sends a script again once; where the server forgets it twice in a row, we do.
  NOSCRIPT: 'later',
  TRYAGAIN: 'later',
  CLUSTERDOWN: 'later',
  MASTERDOWN: 'later',
  MOVED: 'later',
  ASK: 'later',
  NOREPLICAS: 'refused',
  MISCONF: 'refused',
  NOAUTH: 'refused',
  WRONGPASS: 'refused',
  NOPERM: 'refused',
}

/** Sorts an error of ioredis. Errors of the server are ReplyErrors; all others come from the connection. */
export function classify(error: unknown): FailureKind {
  if (!(error instanceof Error)) return 'defect'
  if (error.name !== 'ReplyError')
    return error instanceof TypeError || error instanceof RangeError ? 'defect' : 'unknown'
  const code = codeIn(error)
  if (code === 'UNBLOCKED') return 'unknown'
  // Inside of a script, which may have written already: a later Redis calls that NOPERM too.
  if (code === 'NOPERM' && error.message.includes('script: ')) return 'defect'
  return REFUSALS[code] ?? 'defect'
}

/**
 * Before Redis 7 a script is judged at its first write, and what refuses that stands inside of its own error. Nothing else that
 * a script meets has such a dash.
 */
const IN_OLD_SCRIPT =
  /^ERR Error running script \(call to f_[0-9a-f]+\): @user_script:\d+: @user_script: \d+: -(OOM|READONLY|MISCONF|NOREPLICAS) /

/** The word by which the server says why it refused: '' where there is none. */
export function codeIn({ message }: Error): string {
  return (IN_OLD_SCRIPT.exec(message) ?? /^(?:ERR )?([A-Z]+)/.exec(message))?.[1] ?? ''
}

/**
 * The error without the command's arguments, which ioredis keeps on it, since they hold what users store; and fit to log:
 * the server's words may name a key, which holds a user's text.
 */
export function strip(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(printable(String(error)))
  const bare = new Error(printable(error.message))
  bare.name = error.name
  if (error.stack !== undefined) bare.stack = error.stack.split('\n').map(printable).join('\n')
  return bare
}
