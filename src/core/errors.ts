import type { Cursor } from './event.ts'
import { escapeUnprintable, printable } from './printable.ts'

/**
 * Every error that the package throws on purpose. `code` is stable and is what programs should look at; the message is
 * for people and may change: one line, without what could steer the terminal or the log that it is shown in. What a
 * driver threw, if anything, is in `cause`. Each of them can also be made as an Error is, for a stand-in of a store, say:
 * facts that nobody gave are then empty, or NaN. (Three put what they are given into a sentence of their own:
 * InvalidCursorError, ProjectionLostError, MigrationMismatchError.)
 */
export class JobStoreError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions)
  /** As an Error is made: for errors of a program's own, under the code JOB_STORE_ERROR unless their class has another. */
  constructor(message?: string, options?: ErrorOptions)
  constructor(first = '', second?: string | ErrorOptions, options?: ErrorOptions) {
    const isCoded = typeof second === 'string'
    super(printable(isCoded ? second : first), isCoded ? options : second)
    this.name = new.target.name
    this.code = isCoded ? first : 'JOB_STORE_ERROR'
  }
}

/** create() of an id whose job is there and has not expired. Nothing was written. */
export class JobAlreadyExistsError extends JobStoreError {
  declare readonly code: 'JOB_ALREADY_EXISTS'
  readonly jobId: string

  constructor(message = 'The job exists already.', options: ErrorOptions & { jobId?: string } = {}) {
    super('JOB_ALREADY_EXISTS', message, options)
    this.jobId = options.jobId ?? ''
  }

  static of(jobId: string): JobAlreadyExistsError {
    const message = `Job ${quote(jobId)} exists already. Ids are unique: use another id, update() the job, or delete() it first.`
    return new JobAlreadyExistsError(message, { jobId })
  }
}

/** A job, an update or a status that can't be stored. Nothing was written. `field` is the path, like `options.codec[2]`. */
export class InvalidJobError extends JobStoreError {
  declare readonly code: 'INVALID_JOB'
  readonly field: string
  readonly #expected: string
  readonly #received: unknown

  /** @param place where the job was found, if it was not the caller who gave it; like `Redis key "job:42"` */
  constructor(field: string, expected: string, received: unknown, place?: string | null)
  constructor(message?: string, options?: ErrorOptions)
  constructor(first = '', expected?: string | ErrorOptions, received?: unknown, place: string | null = null) {
    const isTold = typeof expected === 'string'
    const found = place === null ? '' : `${place}: `
    const message = isTold ? `${found}${first}: expected ${expected}, got ${describe(received)}.` : first
    super('INVALID_JOB', message, isTold ? undefined : expected)
    this.field = isTold ? first : ''
    this.#expected = isTold ? expected : first
    this.#received = received
  }

  /** The same error, which also says where the job was found. */
  within(place: string): InvalidJobError {
    return new InvalidJobError(this.field, this.#expected, this.#received, place)
  }

  /** The same error of the field inside another, like `data.createdAt`. */
  under(parent: string): InvalidJobError {
    return new InvalidJobError(`${parent}.${this.field}`, this.#expected, this.#received)
  }
}

/** The store's transitions don't let a job go from one status to the other. Nothing was written. */
export class InvalidTransitionError extends JobStoreError {
  declare readonly code: 'INVALID_TRANSITION'
  readonly from: string
  readonly to: string

  constructor(jobId: string, from: string, to: string)
  constructor(message?: string, options?: ErrorOptions)
  constructor(first = '', from?: string | ErrorOptions, to = '') {
    const isTold = typeof from === 'string'
    const message = isTold
      ? `Job ${quote(first)} is ${quote(from)}, and the store's transitions don't let that become ${quote(to)}.`
      : first
    super('INVALID_TRANSITION', message, isTold ? undefined : from)
    this.from = isTold ? from : ''
    this.to = to
  }
}

/** The job is not at expectedVersion. Nothing was written: read it again, decide again. */
export class VersionConflictError extends JobStoreError {
  declare readonly code: 'VERSION_CONFLICT'
  readonly expected: number
  readonly actual: number

  constructor(jobId: string, expected: number, actual: number)
  constructor(message?: string, options?: ErrorOptions)
  constructor(first = '', expected?: number | ErrorOptions, actual = Number.NaN) {
    const isTold = typeof expected === 'number'
    const message = isTold
      ? `Job ${quote(first)} is at version ${actual}, not at the expected ${expected}: somebody else changed it. Read it again and decide again.`
      : first
    super('VERSION_CONFLICT', message, isTold ? undefined : expected)
    this.expected = isTold ? expected : Number.NaN
    this.actual = actual
  }
}

/** The event would be larger than StoreOptions.maxEventBytes. Nothing was written. */
export class PayloadTooLargeError extends JobStoreError {
  declare readonly code: 'PAYLOAD_TOO_LARGE'
  readonly bytes: number
  readonly limit: number

  constructor(jobId: string, bytes: number, limit: number)
  constructor(message?: string, options?: ErrorOptions)
  constructor(first = '', bytes?: number | ErrorOptions, limit = Number.NaN) {
    const isTold = typeof bytes === 'number'
    const message = isTold
      ? `The event for job ${quote(first)} has ${bytes} bytes, and maxEventBytes is ${limit}. Keep large results elsewhere and store their address, or raise maxEventBytes.`
      : first
    super('PAYLOAD_TOO_LARGE', message, isTold ? undefined : bytes)
    this.bytes = isTold ? bytes : Number.NaN
    this.limit = limit
  }
}

/** A cursor (or a page's `after`) that is none, or another store's, or of a store that was emptied since. */
export class InvalidCursorError extends JobStoreError {
  declare readonly code: 'INVALID_CURSOR'

  constructor(reason = 'it is none', options?: ErrorOptions) {
    super('INVALID_CURSOR', `This cursor can't be used: ${reason}. Start again without one.`, options)
  }
}

const GAP = 'Events after this cursor were compacted away. Read the present state, then go on from `oldest`.'
const SLOW = 'The reader fell further behind than bufferSize. Subscribe again after `cursor`: nothing is lost.'
const REWOUND =
  'The log ends before this cursor: the server lost events that it had acknowledged. Read the present state, then go on from `newest`.'

/** Events after the cursor were compacted away. Go on from `oldest`, having read the jobs' present state. */
export class CursorGapError extends JobStoreError {
  declare readonly code: 'CURSOR_GAP'
  readonly oldest: Cursor

  constructor(message?: string, options: ErrorOptions & { oldest?: Cursor } = {}) {
    super('CURSOR_GAP', message ?? GAP, options)
    this.oldest = options.oldest ?? ''
  }

  static at(oldest: Cursor): CursorGapError {
    return new CursorGapError(GAP, { oldest })
  }
}

/** A reader was more events behind than its buffer holds. Subscribe again after `cursor`: nothing is lost. */
export class SlowConsumerError extends JobStoreError {
  declare readonly code: 'SLOW_CONSUMER'
  readonly cursor: Cursor

  constructor(message?: string, options: ErrorOptions & { cursor?: Cursor } = {}) {
    super('SLOW_CONSUMER', message ?? SLOW, options)
    this.cursor = options.cursor ?? ''
  }

  static at(cursor: Cursor): SlowConsumerError {
    return new SlowConsumerError(SLOW, { cursor })
  }
}

/** The log is shorter than the reader's position: acknowledged events were lost in a failover or a restart. */
export class LogRewoundError extends JobStoreError {
  declare readonly code: 'LOG_REWOUND'
  readonly newest: Cursor

  constructor(message?: string, options: ErrorOptions & { newest?: Cursor } = {}) {
    super('LOG_REWOUND', message ?? REWOUND, options)
    this.newest = options.newest ?? ''
  }

  static at(newest: Cursor): LogRewoundError {
    return new LogRewoundError(REWOUND, { newest })
  }
}

/** A commandId that this job has seen within 24 hours with another content. Nothing was written. */
export class CommandReusedError extends JobStoreError {
  declare readonly code: 'COMMAND_REUSED'

  constructor(jobId: string, commandId: string)
  constructor(message?: string, options?: ErrorOptions)
  constructor(first = '', commandId?: string | ErrorOptions) {
    const isTold = typeof commandId === 'string'
    const message = isTold
      ? `Job ${quote(first)} has seen the commandId ${quote(commandId)} with another command. Give each command an id of its own; only a retry of the same one repeats it.`
      : first
    super('COMMAND_REUSED', message, isTold ? undefined : commandId)
  }
}

/** The time asked for was compacted away; history begins at `oldest`. */
export class HistoryTruncatedError extends JobStoreError {
  declare readonly code: 'HISTORY_TRUNCATED'
  readonly oldest: Date

  constructor(jobId: string, oldest: Date)
  constructor(message?: string, options?: ErrorOptions)
  constructor(first = '', oldest?: Date | ErrorOptions) {
    const isTold = oldest instanceof Date
    const message = isTold
      ? `The history of job ${quote(first)} begins at ${oldest.toISOString()}: what was before has been compacted away.`
      : first
    super('HISTORY_TRUNCATED', message, isTold ? undefined : oldest)
    this.oldest = isTold ? oldest : new Date(Number.NaN)
  }
}

/** The log is there, but the live state, or a part of it, is not what the log says. */
export class ProjectionLostError extends JobStoreError {
  declare readonly code: 'PROJECTION_LOST'

  constructor(what = 'The live state is gone.', options?: ErrorOptions) {
    super('PROJECTION_LOST', `${what} Writes are refused until the state is made again from the log.`, options)
  }
}

/**
 * The store could not be reached, or could not answer, until the deadline. `outcome` says what became of a command:
 * 'rejected', it was not applied; 'unknown', it may have been, or may still be. A commandId makes trying again safe.
 */
export class StoreUnavailableError extends JobStoreError {
  declare readonly code: 'STORE_UNAVAILABLE'
  readonly outcome: 'rejected' | 'unknown'

  constructor(message: string, outcome: 'rejected' | 'unknown', options?: ErrorOptions)
  /** The outcome is 'unknown'. */
  constructor(message?: string, options?: ErrorOptions)
  constructor(message = '', outcome?: 'rejected' | 'unknown' | ErrorOptions, options?: ErrorOptions) {
    const isTold = typeof outcome === 'string'
    super('STORE_UNAVAILABLE', message, isTold ? options : outcome)
    this.outcome = isTold ? outcome : 'unknown'
  }
}

/** Fewer replicas than asked for had the write in time. It stands on the primary, and may still reach them. */
export class NotDurableError extends JobStoreError {
  declare readonly code: 'NOT_DURABLE'
  readonly acknowledged: number
  readonly wanted: number

  constructor(acknowledged: number, wanted: number, timeoutMs: number)
  constructor(message?: string, options?: ErrorOptions)
  constructor(first: string | number = '', second?: number | ErrorOptions, timeoutMs?: number) {
    const isTold = typeof first === 'number'
    const wanted = typeof second === 'number' ? second : Number.NaN
    const message = isTold
      ? `The write was applied, but only ${first} of ${wanted} replicas had it within ${timeoutMs} ms. A failover now may lose it.`
      : first
    super('NOT_DURABLE', message, typeof second === 'number' ? undefined : second)
    this.acknowledged = isTold ? first : Number.NaN
    this.wanted = wanted
  }
}

/** The store was made with other fixed settings, or by another format of this package. */
export class StoreMismatchError extends JobStoreError {
  declare readonly code: 'STORE_MISMATCH'

  constructor(setting: string, expected: string | number, found: string | number)
  constructor(message?: string, options?: ErrorOptions)
  constructor(first = '', expected?: string | number | ErrorOptions, found?: string | number) {
    const isTold = typeof expected === 'string' || typeof expected === 'number'
    const message = isTold
      ? `The store holds ${first} ${found}, and this program was told ${expected}. Nothing was read or written.`
      : first
    super('STORE_MISMATCH', message, isTold ? undefined : expected)
  }
}

/** A call after close(). */
export class StoreClosedError extends JobStoreError {
  declare readonly code: 'STORE_CLOSED'

  constructor(message = 'The store is closed. Open a new one, or close it later.', options?: ErrorOptions) {
    super('STORE_CLOSED', message, options)
  }
}

/**
 * A line of an exported log that can't be read, or does not fit those before it. `line` is its number, 1 for the first,
 * null where only one line was given; `field` the path of the value in it, like `data.createdAt`.
 */
export class InvalidLogError extends JobStoreError {
  declare readonly code: 'INVALID_LOG'
  readonly line: number | null
  readonly field: string

  constructor(line: number | null, field: string, reason: string, options?: ErrorOptions) {
    super('INVALID_LOG', `${line === null ? '' : `Line ${line}: `}${field}: ${reason}`, options)
    this.line = line
    this.field = field
  }
}

/** An option or an environment variable that the store can't work with. */
export class InvalidConfigError extends JobStoreError {
  declare readonly code: 'INVALID_CONFIG'

  constructor(setting: string, expected: string, received: unknown, options?: ErrorOptions)
  constructor(message?: string, options?: ErrorOptions)
  constructor(first = '', expected?: string | ErrorOptions, received?: unknown, options?: ErrorOptions) {
    const isTold = typeof expected === 'string'
    const message = isTold ? `${first}: expected ${expected}, got ${describe(received)}.` : first
    super('INVALID_CONFIG', message, isTold ? options : expected)
  }
}

/** After migrate(), the two stores are not the same. */
export class MigrationMismatchError extends JobStoreError {
  declare readonly code: 'MIGRATION_MISMATCH'

  constructor(what = 'it is another store', options?: ErrorOptions) {
    super('MIGRATION_MISMATCH', `The target differs from the source: ${what}. The source is as it was.`, options)
  }
}

/** A value as a message shows it: short, on one line, never a whole payload. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return 'an array'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name
  return typeof name === 'string' && name !== 'Object' ? `an instance of ${quote(name)}` : 'an object'
}

/** A user's text inside a message: quoted, what could steer a terminal escaped, cut to 64 characters. */
export function quote(text: string): string {
  return escapeUnprintable(JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text))
}
