import type { Cursor } from './event.ts'
import { escapeUnprintable, printable } from './printable.ts'

/**
 * Every error that the package throws on purpose. `code` is stable and is what programs should look at; the message is
 * for people and may change: one line, without what could steer the terminal or the log that it is shown in. What a
 * driver threw, if anything, is in `cause`. Each can also be made as an Error is, by a stand-in of a store, say: message,
 * then options, among them the facts that the error carries; what nobody gives is empty, or NaN. Each class's of() is how
 * the package itself makes them: from the facts alone, which the message is made of.
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

  constructor(message = '', options: ErrorOptions & { field?: string; expected?: string; received?: unknown } = {}) {
    super('INVALID_JOB', message, options)
    this.field = options.field ?? ''
    this.#expected = options.expected ?? message
    this.#received = options.received
  }

  /** @param place where the job was found, if it was not the caller who gave it; like `Redis key "job:42"` */
  static of(field: string, expected: string, received: unknown, place: string | null = null): InvalidJobError {
    const found = place === null ? '' : `${place}: `
    const message = `${found}${field}: expected ${expected}, got ${describe(received)}.`
    return new InvalidJobError(message, { field, expected, received })
  }

  /** The same error, which also says where the job was found. */
  within(place: string): InvalidJobError {
    return InvalidJobError.of(this.field, this.#expected, this.#received, place)
  }

  /** The same error of the field inside another, like `data.createdAt`. */
  under(parent: string): InvalidJobError {
    return InvalidJobError.of(`${parent}.${this.field}`, this.#expected, this.#received)
  }
}

/** The store's transitions don't let a job go from one status to the other. Nothing was written. */
export class InvalidTransitionError extends JobStoreError {
  declare readonly code: 'INVALID_TRANSITION'
  readonly from: string
  readonly to: string

  constructor(message = '', options: ErrorOptions & { from?: string; to?: string } = {}) {
    super('INVALID_TRANSITION', message, options)
    this.from = options.from ?? ''
    this.to = options.to ?? ''
  }

  static of(jobId: string, from: string, to: string): InvalidTransitionError {
    const message = `Job ${quote(jobId)} is ${quote(from)}, and the store's transitions don't let that become ${quote(to)}.`
    return new InvalidTransitionError(message, { from, to })
  }
}

/** The job is not at expectedVersion. Nothing was written: read it again, decide again. */
export class VersionConflictError extends JobStoreError {
  declare readonly code: 'VERSION_CONFLICT'
  readonly expected: number
  readonly actual: number

  constructor(message = '', options: ErrorOptions & { expected?: number; actual?: number } = {}) {
    super('VERSION_CONFLICT', message, options)
    this.expected = options.expected ?? Number.NaN
    this.actual = options.actual ?? Number.NaN
  }

  static of(jobId: string, expected: number, actual: number): VersionConflictError {
    const message = `Job ${quote(jobId)} is at version ${actual}, not at the expected ${expected}: somebody else changed it. Read it again and decide again.`
    return new VersionConflictError(message, { expected, actual })
  }
}

/** The event would be larger than StoreOptions.maxEventBytes. Nothing was written. */
export class PayloadTooLargeError extends JobStoreError {
  declare readonly code: 'PAYLOAD_TOO_LARGE'
  readonly bytes: number
  readonly limit: number

  constructor(message = '', options: ErrorOptions & { bytes?: number; limit?: number } = {}) {
    super('PAYLOAD_TOO_LARGE', message, options)
    this.bytes = options.bytes ?? Number.NaN
    this.limit = options.limit ?? Number.NaN
  }

  static of(jobId: string, bytes: number, limit: number): PayloadTooLargeError {
    const message = `The event for job ${quote(jobId)} has ${bytes} bytes, and maxEventBytes is ${limit}. Keep large results elsewhere and store their address, or raise maxEventBytes.`
    return new PayloadTooLargeError(message, { bytes, limit })
  }
}

/** A cursor (or a page's `after`) that is none, or another store's, or of a store that was emptied since. */
export class InvalidCursorError extends JobStoreError {
  declare readonly code: 'INVALID_CURSOR'

  constructor(message = "This cursor can't be used. Start again without one.", options?: ErrorOptions) {
    super('INVALID_CURSOR', message, options)
  }

  static of(reason: string, options?: ErrorOptions): InvalidCursorError {
    return new InvalidCursorError(`This cursor can't be used: ${reason}. Start again without one.`, options)
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

  constructor(message: string = GAP, options: ErrorOptions & { oldest?: Cursor } = {}) {
    super('CURSOR_GAP', message, options)
    this.oldest = options.oldest ?? ''
  }

  static of(oldest: Cursor): CursorGapError {
    return new CursorGapError(GAP, { oldest })
  }
}

/** A reader was more events behind than its buffer holds. Subscribe again after `cursor`: nothing is lost. */
export class SlowConsumerError extends JobStoreError {
  declare readonly code: 'SLOW_CONSUMER'
  readonly cursor: Cursor

  constructor(message: string = SLOW, options: ErrorOptions & { cursor?: Cursor } = {}) {
    super('SLOW_CONSUMER', message, options)
    this.cursor = options.cursor ?? ''
  }

  static of(cursor: Cursor): SlowConsumerError {
    return new SlowConsumerError(SLOW, { cursor })
  }
}

/** The log is shorter than the reader's position: acknowledged events were lost in a failover or a restart. */
export class LogRewoundError extends JobStoreError {
  declare readonly code: 'LOG_REWOUND'
  readonly newest: Cursor

  constructor(message: string = REWOUND, options: ErrorOptions & { newest?: Cursor } = {}) {
    super('LOG_REWOUND', message, options)
    this.newest = options.newest ?? ''
  }

  static of(newest: Cursor): LogRewoundError {
    return new LogRewoundError(REWOUND, { newest })
  }
}

/** A commandId that this job has seen within 24 hours with another content. Nothing was written. */
export class CommandReusedError extends JobStoreError {
  declare readonly code: 'COMMAND_REUSED'

  constructor(message = '', options?: ErrorOptions) {
    super('COMMAND_REUSED', message, options)
  }

  static of(jobId: string, commandId: string): CommandReusedError {
    return new CommandReusedError(
      `Job ${quote(jobId)} has seen the commandId ${quote(commandId)} with another command. Give each command an id of its own; only a retry of the same one repeats it.`,
    )
  }
}

/** The time asked for was compacted away; history begins at `oldest`. */
export class HistoryTruncatedError extends JobStoreError {
  declare readonly code: 'HISTORY_TRUNCATED'
  readonly oldest: Date

  constructor(message = '', options: ErrorOptions & { oldest?: Date } = {}) {
    super('HISTORY_TRUNCATED', message, options)
    this.oldest = options.oldest ?? new Date(Number.NaN)
  }

  static of(jobId: string, oldest: Date): HistoryTruncatedError {
    const message = `The history of job ${quote(jobId)} begins at ${oldest.toISOString()}: what was before has been compacted away.`
    return new HistoryTruncatedError(message, { oldest })
  }
}

/** The log is there, but the live state, or a part of it, is not what the log says. */
export class ProjectionLostError extends JobStoreError {
  declare readonly code: 'PROJECTION_LOST'

  constructor(message = 'The live state is gone.', options?: ErrorOptions) {
    super('PROJECTION_LOST', message, options)
  }

  static of(what: string, options?: ErrorOptions): ProjectionLostError {
    const message = `${what} Writes are refused until the state is made again from the log.`
    return new ProjectionLostError(message, options)
  }
}

/**
 * The store could not be reached, or could not answer, until the deadline. `outcome` says what became of a command:
 * 'rejected', it was not applied; 'unknown', it may have been, or may still be. A commandId makes trying again safe.
 */
export class StoreUnavailableError extends JobStoreError {
  declare readonly code: 'STORE_UNAVAILABLE'
  readonly outcome: 'rejected' | 'unknown'

  /** The outcome is 'unknown' unless it is given. */
  constructor(message = '', options: ErrorOptions & { outcome?: 'rejected' | 'unknown' } = {}) {
    super('STORE_UNAVAILABLE', message, options)
    this.outcome = options.outcome ?? 'unknown'
  }
}

/** Fewer replicas than asked for had the write in time. It stands on the primary, and may still reach them. */
export class NotDurableError extends JobStoreError {
  declare readonly code: 'NOT_DURABLE'
  readonly acknowledged: number
  readonly wanted: number

  constructor(message = '', options: ErrorOptions & { acknowledged?: number; wanted?: number } = {}) {
    super('NOT_DURABLE', message, options)
    this.acknowledged = options.acknowledged ?? Number.NaN
    this.wanted = options.wanted ?? Number.NaN
  }

  static of(acknowledged: number, wanted: number, timeoutMs: number): NotDurableError {
    const message = `The write was applied, but only ${acknowledged} of ${wanted} replicas had it within ${timeoutMs} ms. A failover now may lose it.`
    return new NotDurableError(message, { acknowledged, wanted })
  }
}

/** The store was made with other fixed settings, or by another format of this package. */
export class StoreMismatchError extends JobStoreError {
  declare readonly code: 'STORE_MISMATCH'

  constructor(message = '', options?: ErrorOptions) {
    super('STORE_MISMATCH', message, options)
  }

  static of(setting: string, expected: string | number, found: string | number): StoreMismatchError {
    return new StoreMismatchError(
      `The store holds ${setting} ${found}, and this program was told ${expected}. Nothing was read or written.`,
    )
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

  constructor(message = '', options: ErrorOptions & { line?: number | null; field?: string } = {}) {
    super('INVALID_LOG', message, options)
    this.line = options.line ?? null
    this.field = options.field ?? ''
  }

  static of(line: number | null, field: string, reason: string, options?: ErrorOptions): InvalidLogError {
    const message = `${line === null ? '' : `Line ${line}: `}${field}: ${reason}`
    return new InvalidLogError(message, { ...options, line, field })
  }
}

/** An option or an environment variable that the store can't work with. */
export class InvalidConfigError extends JobStoreError {
  declare readonly code: 'INVALID_CONFIG'

  constructor(message = '', options?: ErrorOptions) {
    super('INVALID_CONFIG', message, options)
  }

  static of(setting: string, expected: string, received: unknown, options?: ErrorOptions): InvalidConfigError {
    return new InvalidConfigError(`${setting}: expected ${expected}, got ${describe(received)}.`, options)
  }
}

/** After migrate(), the two stores are not the same. */
export class MigrationMismatchError extends JobStoreError {
  declare readonly code: 'MIGRATION_MISMATCH'

  constructor(message = 'The target differs from the source.', options?: ErrorOptions) {
    super('MIGRATION_MISMATCH', message, options)
  }

  static of(what: string): MigrationMismatchError {
    return new MigrationMismatchError(`The target differs from the source: ${what}. The source is as it was.`)
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
