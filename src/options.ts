import type { EventArchive, ReadableArchive } from './contract.ts'
import { InvalidConfigError } from './core/errors.ts'
import type { JobEvent } from './core/event.ts'
import type { JobCore, StampField } from './core/job.ts'
import { Statuses } from './core/statuses.ts'
import { isReadable } from './reading/archive.ts'

/** Between two compactions by retention. */
const LEAST_INTERVAL_MS = 250
const MOST_INTERVAL_MS = 60_000

/** What every backend's store may be told. */
export interface StoreOptions {
  /**
   * The statuses that a job may have, each with the time that entering it stamps: 'queuedAt', 'startedAt', 'completedAt' or
   * null. Default: pending null, queued queuedAt, processing startedAt, completed, failed and cancelled completedAt.
   * Another status is an InvalidJobError.
   */
  statuses?: Record<string, StampField | null>
  /**
   * Which status may follow which. 'any' (default), 'guarded' (nothing leaves completed or cancelled; failed may only be
   * queued again; only with the default statuses), or a table from each status to those that may follow. Setting the
   * status that a job has is no transition and always allowed. Else InvalidTransitionError.
   */
  transitions?: 'any' | 'guarded' | Record<string, string[]>
  /** Between two sweeps for expired jobs. Default 30000; 0 turns the sweeper off. */
  sweepIntervalMs?: number
  /**
   * Largest event: what it sets and its meta, encoded, the names of what it removes, and of a new job the user's id. Default
   * 1 MiB. @throws PayloadTooLargeError
   */
  maxEventBytes?: number
  /**
   * Where this store's older events are: history(), events() and findByIdAsOf() read archive and log as one. compact() with
   * a readable archive sets it too, for as long as the store is open.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- an archive of any jobs
  archive?: ReadableArchive<any>
  /**
   * compact() by itself, on one instance at a time: events are kept at least so long. Default: all are kept. The archive, if
   * there is one, takes them before they are dropped; a readable one counts as `archive` too.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- an archive of any jobs
  retention?: { keepMs: number; archive?: EventArchive<any> }
  /** Reads the fields of events written by older programs: called on every event's data before anything else sees it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the surface promises any here: an older event has another shape
  upcast?: (event: JobEvent<any>) => JobEvent<any>
}

/** What a store is told that not every backend can be in need of. */
interface LossOptions {
  onProjectionLost?: 'refuse' | 'rebuild'
}

/** How the log is kept from growing. */
export interface Retention {
  keepMs: number
  archive: EventArchive<JobCore> | null
  /** Between two compactions. */
  intervalMs: number
}

/** The options of a store, checked and completed. */
export interface Settings {
  statuses: Statuses
  sweepIntervalMs: number
  maxEventBytes: number
  upcast: StoreOptions['upcast'] | null
  archive: ReadableArchive<JobCore> | null
  retention: Retention | null
  /** Opening a store whose state is lost rebuilds it, instead of failing. */
  rebuildsIfLost: boolean
}

/** @throws InvalidConfigError naming the option and what it may be */
export function readOptions(options: StoreOptions & LossOptions = {}): Settings {
  if (typeof options !== 'object' || options === null) throw InvalidConfigError.of('options', 'an object', options)
  const { statuses, transitions, sweepIntervalMs = 30_000, maxEventBytes = 1_048_576, upcast } = options
  if (upcast !== undefined && typeof upcast !== 'function') throw InvalidConfigError.of('upcast', 'a function', upcast)
  return {
    statuses: new Statuses(statuses, transitions),
    sweepIntervalMs: requireInteger('sweepIntervalMs', sweepIntervalMs, 0, 2_147_483_647),
    maxEventBytes: requireInteger('maxEventBytes', maxEventBytes, 1, 512 * 1_048_576),
    upcast: upcast ?? null,
    archive: readArchive(options),
    retention: readRetention(options.retention),
    rebuildsIfLost: options.onProjectionLost === 'rebuild',
  }
}

function readArchive({ archive, retention }: StoreOptions): ReadableArchive<JobCore> | null {
  if (archive !== undefined && !isReadable(archive))
    throw InvalidConfigError.of('archive', 'a ReadableArchive, like a SqliteJobStore', archive)
  return archive ?? (isReadable(retention?.archive) ? retention.archive : null)
}

function readRetention(retention: StoreOptions['retention']): Settings['retention'] {
  if (retention === undefined) return null
  const keepMs = requireInteger('retention.keepMs', retention?.keepMs, 1, Number.MAX_SAFE_INTEGER)
  const archive: unknown = retention.archive
  if (archive !== undefined && typeof (archive as EventArchive | null)?.append !== 'function')
    throw InvalidConfigError.of('retention.archive', 'an EventArchive, like a SqliteJobStore', archive)
  return { keepMs, archive: retention.archive ?? null, intervalMs: intervalOf(keepMs) }
}

/** Often enough that little is kept much longer than told, and never so often that compacting is all that is done. */
function intervalOf(keepMs: number): number {
  return Math.min(Math.max(LEAST_INTERVAL_MS, Math.ceil(keepMs / 4)), MOST_INTERVAL_MS)
}

/** @throws InvalidConfigError unless the value is a whole number from least to most */
export function requireInteger(option: string, value: unknown, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most)
    throw InvalidConfigError.of(option, `a whole number from ${least} to ${most}`, value)
  return value as number
}
