import type { CommandOptions } from './core/command.ts'
import type { AsOf, EventQuery, JobEvent, JobRecord, SubscribeOptions } from './core/event.ts'
import type { Job, JobCore } from './core/job.ts'

export interface FindByUserIdOptions<T extends JobCore = Job> {
  /** Only jobs of this status. @throws InvalidJobError if the store has no such status */
  status?: T['status']
  /** A whole number; default 20; 0 gives an empty list. */
  limit?: number
  /** A whole number; default 0. */
  offset?: number
}

/**
 * The contract of the requirements document. Every backend satisfies it in the same way. Commands on one job that are given
 * one after the other without waiting are applied in that order. Each command is atomic: its event, the job, the user's
 * list and the counts change together or not at all.
 *
 * Every call may also throw StoreUnavailableError, ProjectionLostError and StoreClosedError; every command
 * VersionConflictError, CommandReusedError and PayloadTooLargeError by its options and size.
 */
export interface IJobStore<T extends JobCore = Job> {
  /**
   * Stores a new job as it is given; fields given as undefined are left out.
   * @throws JobAlreadyExistsError if a job with this id exists, InvalidJobError naming the field
   */
  create(job: T, options?: CommandOptions): Promise<void>
  /** null if there is none, or it has expired. What comes back deep-equals what was stored; Dates are Dates. */
  findById(id: string): Promise<T | null>
  /** Newest createdAt first; equal times by the UTF-8 bytes of the id, descending. @throws TypeError for a limit or offset that is no whole number */
  findByUserId(userId: string, options?: FindByUserIdOptions<T>): Promise<T[]>
  /**
   * Sets the given top-level fields; a field given as undefined is removed. userId, createdAt and expiresAt may
   * change (the indexes follow); id may not, and no required field may be removed: InvalidJobError. A status set here
   * stamps as updateStatus does, unless the stamp is given too.
   * @returns the updated job, or null if there is none
   * @throws InvalidJobError, InvalidTransitionError
   */
  update(id: string, updates: Partial<T>, options?: CommandOptions): Promise<T | null>
  /**
   * Sets status, and stamps queuedAt, startedAt or completedAt, by the store's clock, the first time that the job is queued,
   * processing, or at an end (completed, failed, cancelled); with statuses of your own, as StoreOptions.statuses says.
   * @returns the updated job, or null if there is none
   * @throws InvalidJobError, InvalidTransitionError
   */
  updateStatus(id: string, status: T['status'], options?: CommandOptions): Promise<T | null>
  /** Sets progress as a whole. @returns the updated job, or null if there is none @throws InvalidJobError */
  updateProgress(id: string, progress: T['progress'], options?: CommandOptions): Promise<T | null>
  /** true if it was there. Its history stays readable. */
  delete(id: string, options?: CommandOptions): Promise<boolean>
  /** Exact at this moment. */
  countByUserId(userId: string): Promise<number>
  /** Exact at this moment. @throws InvalidJobError if the store has no such status */
  countByStatus(status: T['status']): Promise<number>
}

export interface JobPage<T extends JobCore = Job> {
  jobs: T[]
  /** Hand it back as `after`; null on the last page. Stays right while jobs come and go. */
  next: string | null
}

export interface StoreStats {
  backend: 'memory' | 'sqlite' | 'redis'
  /** Live jobs. */
  jobs: number
  /** Events that the log holds. */
  events: number
  /** Every status of the store, those at 0 too. */
  byStatus: Record<string, number>
  oldestEventAt: Date | null
  newestEventAt: Date | null
}

/** How a walk over the whole log is watched and stopped. */
export interface ReplayOptions {
  /** Stops it: the call rejects with the signal's reason. What was done stays done, and it can be run again. */
  signal?: AbortSignal
  /** Told now and then. `fraction` goes from 0 to 1 and is an estimate. */
  onProgress?: (progress: { events: number; jobs: number; fraction: number }) => void
}

/** One place where the live state is not what the log says. */
export interface Drift {
  /**
   * missingJob: the log says that it lives (or, with field 'tombstone', that it has ended), and nothing is there.
   * orphanJob: it is there, and the log knows of none that lives; with `field` and no jobId, a key that is not the store's.
   * field: a field of a live job, or its version or lastEventId; without jobId, where the log ends. The indexes: an entry is missing, at another place, or
   * left over (expected null; of the index by status, `field` is the status). The counts: of a status (named by `field`) or of a user.
   */
  kind: 'missingJob' | 'orphanJob' | 'field' | 'userIndex' | 'statusIndex' | 'expiryIndex' | 'statusCount' | 'userCount'
  jobId?: string
  userId?: string
  field?: string
  expected: unknown
  actual: unknown
}

/** What verify() found. */
export interface VerifyReport {
  /** No drift. */
  ok: boolean
  /** Events that were gone through. */
  events: number
  /** Jobs that live, by the log. */
  jobs: number
  /** At most the first 1000. */
  drift: Drift[]
  driftCount: number
}

/** What rebuild() did. */
export interface RebuildReport {
  events: number
  jobs: number
  /** Jobs, index entries and counters put right. 0 when nothing had drifted. */
  repaired: number
  durationMs: number
}

/**
 * Takes the events that compact() drops, each of them, in the order of each partition's log, as they stand there: `upcast`
 * has not seen them, the cursor leaves all other partitions at their beginning, and the meta of a `snapshotted` event says
 * what it stands for.
 */
export interface EventArchive<T extends JobCore = Job> {
  /** Must be durable when it resolves. A batch, or an event, that it has seen before is not an error. */
  append(events: JobEvent<T>[]): Promise<void>
}

/** An archive that a store can read its older events from, as if they were still in its log. A SqliteJobStore is one. */
export interface ReadableArchive<T extends JobCore = Job> extends EventArchive<T> {
  /** What it has of one job, oldest first; other stores' events of a job of this id may be among them. */
  archivedHistory(jobId: string): AsyncIterable<JobEvent<T>>
  /** What it has of one part of a store's log after a place in it, oldest first. */
  archivedLog(after: ArchivePlace): AsyncIterable<JobEvent<T>>
}

/** A place in one partition of a store's log. */
export interface ArchivePlace {
  /** The store's, as its cursors have it. */
  epoch: string
  partition: number
  /** The number of the event that is passed; 0 for none. */
  sequence: number
}

/** What compact() is to do. */
export interface CompactOptions<T extends JobCore = Job> extends ReplayOptions {
  /** Events from before this time are dropped. */
  before: Date
  /** Takes the events before they are dropped; nothing is dropped that it did not take. A SqliteJobStore is one. */
  archive?: EventArchive<T>
}

/** What compact() did. */
export interface CompactReport {
  /** Events that are gone from the log. */
  dropped: number
  /** Jobs that got a snapshot, since they stood on an event that is gone. */
  snapshotted: number
  /** Events that the archive took. */
  archived: number
}

/** The contract, and what the log behind it adds. */
export interface JobStore<T extends JobCore = Job> extends IJobStore<T>, AsyncDisposable {
  /** Connects and checks the store. Every other call waits for it by itself. @throws StoreUnavailableError, ProjectionLostError, StoreMismatchError */
  ready(): Promise<void>
  /** Finishes the commands under way, ends subscriptions without an error, frees everything. Calls after it fail with StoreClosedError. Idempotent. */
  close(): Promise<void>

  /** The job with its version, for expectedVersion, and its newest event; null if there is none. */
  findRecord(id: string): Promise<JobRecord<T> | null>
  /** The same order as findByUserId, page by page. `limit` defaults to 20. @throws InvalidCursorError, TypeError, InvalidJobError */
  listByUserId(userId: string, options?: { status?: T['status']; limit?: number; after?: string }): Promise<JobPage<T>>
  /** The job as it stood then; null if it did not exist then, or its expiresAt had passed. @throws HistoryTruncatedError if that time was compacted away. */
  findByIdAsOf(id: string, asOf: AsOf): Promise<T | null>

  /** One job's events, oldest first, also after its deletion or expiry. Costs in proportion to that job's events, not to the log. */
  history(id: string): AsyncIterable<JobEvent<T>>
  /** The log from a position to its present end, in the order of each job's versions. @throws InvalidCursorError, CursorGapError, LogRewoundError */
  events(query?: EventQuery): AsyncIterable<JobEvent<T>>
  /**
   * The log as it grows: every matching event once, in the order of each job's versions, over lost connections and
   * restarts of the server. `snapshotted` events, which change nothing, are left out. It begins at the call, not at the
   * first next(): what this store is told to write after it is not missed. It ends when its reader leaves the loop, by
   * `signal`, by close(), or by an error, which next() throws: never because nothing comes.
   * @throws TypeError, InvalidCursorError, CursorGapError with the oldest cursor that can be gone on from, LogRewoundError
   * with the newest, SlowConsumerError with the reader's own, StoreUnavailableError if reading what was before fails
   */
  subscribe(options?: SubscribeOptions): AsyncIterable<JobEvent<T>>
  /**
   * The job as it is now (event: null), then after each event, with no gap between the two. Ends after deleted or expired.
   * A job that is not there is null, and waited for: leave the loop if it need not come. Where events can't be had (they
   * were compacted away, the server lost them, the reader was too slow) the job as it is by then comes, with event: null.
   * @throws TypeError, StoreUnavailableError
   */
  watch(id: string, options?: { signal?: AbortSignal }): AsyncIterable<{ job: T | null; event: JobEvent<T> | null }>

  /** Removes up to `limit` jobs (default: all) whose time has come; runs by itself too, on one instance at a time. @returns how many it removed */
  purgeExpired(limit?: number): Promise<number>
  /** Replays the log beside the live state and reports where the two differ, whatever is written meanwhile. Changes nothing. */
  verify(options?: ReplayOptions): Promise<VerifyReport>
  /**
   * Makes the live state what the log says, while reads and writes go on; also from nothing but the log. Each job is
   * changed at one instant, if it is still where it was seen. Safe to stop and run again.
   */
  rebuild(options?: ReplayOptions): Promise<RebuildReport>
  /**
   * Drops events from before a time, having snapshotted the jobs that need them: the log alone can still rebuild
   * everything. Nothing is dropped that the archive, if one is given, did not take. Safe to stop and run again.
   * @throws TypeError
   */
  compact(options: CompactOptions<T>): Promise<CompactReport>
  stats(): Promise<StoreStats>
}
