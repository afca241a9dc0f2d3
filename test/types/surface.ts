/**
 * The public surface as its users were promised it, without what later releases bring: subscribe and watch; HTTP is in http-surface.ts.
 * Programs against it must compile against the package: programs.ts holds the two together. Nothing of this file runs.
 */
// oxlint-disable no-unused-vars, no-explicit-any, no-unsafe-declaration-merging, no-empty-interface, no-redeclare
// ---------------------------------------------------------------------------------------------- the job

export type JobStatus = 'pending' | 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled'

export interface JobProgress {
  /** 0 to 100. */
  percent: number
  stage?: string
  message?: string
  [field: string]: unknown
}

export interface JobError {
  code: string
  message: string
  retryable?: boolean
  details?: unknown
}

export interface JobWebhook {
  url: string
  secret?: string
  events?: string[]
}

/** What every job has, whatever it is about. Own fields of any name may stand beside these. */
export interface JobCore {
  /** Unique in the store, for ever: 1 to 512 bytes of UTF-8, any characters. */
  id: string
  userId: string
  /** One of the store's statuses (StoreOptions.statuses). */
  status: string
  /** percent must be 0 to 100: else InvalidJobError. */
  progress: JobProgress
  result?: unknown
  error?: JobError
  retryCount: number
  maxRetries: number
  webhook?: JobWebhook
  createdAt: Date
  queuedAt?: Date
  startedAt?: Date
  completedAt?: Date
  /** When the job may be deleted. From that moment on no read returns it and no command finds it, swept or not. */
  expiresAt: Date
}

/** The job of the requirements document: a video to be processed. */
export interface Job extends JobCore {
  status: JobStatus
  videoUrl: string
  videoId: string
  options: Record<string, unknown>
  videoMetadata?: Record<string, unknown>
}

// ------------------------------------------------------------------------------------- the contract (seed)

export interface FindByUserIdOptions<T extends JobCore = Job> {
  status?: T['status']
  /** Default 20; 0 gives an empty list. */
  limit?: number
  /** Default 0. */
  offset?: number
}

/**
 * The contract of the requirements document. Every backend satisfies it in the same way. Commands on one job that are given
 * one after the other without waiting are applied in that order.
 */
export interface IJobStore<T extends JobCore = Job> {
  /** @throws JobAlreadyExistsError if a job with this id exists. */
  create(job: T, options?: CommandOptions): Promise<void>
  /** null if there is none, or it has expired. What comes back deep-equals what was stored; Dates are Dates. */
  findById(id: string): Promise<T | null>
  /** Newest createdAt first; equal times by id, descending. */
  findByUserId(userId: string, options?: FindByUserIdOptions<T>): Promise<T[]>
  /**
   * Sets the given top-level fields; a field given as undefined is removed. userId, createdAt and expiresAt may
   * change (the indexes follow); id may not, and no required field may be removed: InvalidJobError. A status set here
   * stamps as updateStatus does, unless the stamp is given too.
   * @returns the updated job, or null if there is none.
   */
  update(id: string, updates: Partial<T>, options?: CommandOptions): Promise<T | null>
  /**
   * Sets status, and stamps queuedAt, startedAt or completedAt the first time that the job is queued,
   * processing, or at an end (completed, failed, cancelled); with statuses of your own, as StoreOptions.statuses says.
   */
  updateStatus(id: string, status: T['status'], options?: CommandOptions): Promise<T | null>
  updateProgress(id: string, progress: T['progress'], options?: CommandOptions): Promise<T | null>
  /** true if it was there. Its history stays readable. */
  delete(id: string, options?: CommandOptions): Promise<boolean>
  countByUserId(userId: string): Promise<number>
  countByStatus(status: T['status']): Promise<number>
}

export interface CommandOptions {
  /** Apply only if the job is at this version. @throws VersionConflictError */
  expectedVersion?: number
  /**
   * A command with an id that this job has seen within the last 24 h is not applied again: the first outcome is
   * given back, the job as it was then. @throws CommandReusedError if it was another command then
   */
  commandId?: string
  /** Goes into the event, for the audit trail. */
  meta?: EventMeta
}

export interface EventMeta {
  actor?: string
  reason?: string
  correlationId?: string
  [field: string]: unknown
}

// ------------------------------------------------------------------------------------------- the event log

/** Names one event in one store's log. Opaque. */
export type EventId = string

/**
 * A position in the whole log, all partitions included: what to hand back to go on after it. Opaque, safe in a URL and in
 * an SSE id. One that is none, or another store's: InvalidCursorError.
 */
export type Cursor = string

/** Each command that is accepted is one event, also when it sets what was there already. Its type follows from what it sets. */
export type JobEventType =
  | 'created'
  | 'updated'
  /** status is among the fields set. */
  | 'statusChanged'
  /** progress is the only field set. */
  | 'progressed'
  | 'deleted'
  | 'expired'
  /**
   * Written by compact(): the whole state at `version`, standing for the events up to it. It changes nothing, so its
   * version is that of the event before it. subscribe() and watch() leave it out; history() and events() show it only
   * where events that it stands for are gone.
   */
  | 'snapshotted'

export interface JobEvent<T extends JobCore = Job> {
  id: EventId
  /** The position just after this event. */
  cursor: Cursor
  type: JobEventType
  jobId: string
  /** The job's user after the event. */
  userId: string
  /** 1 for the first created, then one more for each event of the job but snapshotted; goes on if the id is created again after a delete or expiry. */
  version: number
  /** The event of the same job before this one; null for the first. */
  previous: EventId | null
  /** When the store applied it, by the store's clock (Redis TIME on Redis). Never earlier than the event before it. */
  at: Date
  /** created, snapshotted: the whole job. Otherwise the top-level fields that were set, with their new values. */
  data: Partial<T>
  /** Top-level fields that were removed. */
  removed: string[]
  meta: EventMeta | null
}

export interface JobRecord<T extends JobCore = Job> {
  job: T
  version: number
  lastEventId: EventId
}

export type AsOf = Date | { version: number } | { eventId: EventId }

export interface EventQuery {
  jobId?: string
  userId?: string
  types?: JobEventType[]
  /** Start after this position; default the start of the log. @throws CursorGapError if events after it were compacted away, LogRewoundError if the log ends before it */
  after?: Cursor
}

export interface JobPage<T extends JobCore = Job> {
  jobs: T[]
  /** Hand it back as `after`; null on the last page. Stays right while jobs come and go. */
  next: string | null
}

export interface JobStore<T extends JobCore = Job> extends IJobStore<T>, AsyncDisposable {
  /** Connects and checks the store. Every other call waits for it by itself. @throws StoreUnavailableError, ProjectionLostError */
  ready(): Promise<void>
  /** Finishes the commands under way, ends subscriptions, frees everything. Calls after it fail with StoreClosedError. */
  close(): Promise<void>

  findRecord(id: string): Promise<JobRecord<T> | null>
  listByUserId(userId: string, options?: { status?: T['status']; limit?: number; after?: string }): Promise<JobPage<T>>
  /** The job as it stood then; null if it did not exist then, or its expiresAt had passed. @throws HistoryTruncatedError if that time was compacted away. */
  findByIdAsOf(id: string, asOf: AsOf): Promise<T | null>

  /** One job's events, oldest first, also after its deletion or expiry. Costs in proportion to that job's events, not to the log. */
  history(id: string): AsyncIterable<JobEvent<T>>
  /** The log from a position to its present end, in the order of each job's versions. */
  events(query?: EventQuery): AsyncIterable<JobEvent<T>>
  /** Removes up to `limit` jobs whose time has come; runs by itself too, on one instance at a time. @returns how many it removed */
  purgeExpired(limit?: number): Promise<number>
  /** Replays the log beside the live state and reports where the two differ. Changes nothing. */
  verify(options?: ReplayOptions): Promise<VerifyReport>
  /** Makes the live state what the log says, while reads and writes go on; also from nothing but the log. Safe to stop and run again. */
  rebuild(options?: ReplayOptions): Promise<RebuildReport>
  /** Drops events from before a time, having snapshotted the jobs that need them: the log alone can still rebuild everything. */
  compact(options: CompactOptions<T>): Promise<CompactReport>
  stats(): Promise<StoreStats>
}

export interface ReplayOptions {
  signal?: AbortSignal
  onProgress?: (progress: { events: number; jobs: number; fraction: number }) => void
}

export interface Drift {
  kind: 'missingJob' | 'orphanJob' | 'field' | 'userIndex' | 'statusIndex' | 'expiryIndex' | 'statusCount' | 'userCount'
  jobId?: string
  userId?: string
  field?: string
  expected: unknown
  actual: unknown
}

export interface VerifyReport {
  ok: boolean
  events: number
  jobs: number
  /** At most the first 1000. */
  drift: Drift[]
  driftCount: number
}

export interface RebuildReport {
  events: number
  jobs: number
  /** Jobs, index entries and counters put right. 0 when nothing had drifted. */
  repaired: number
  durationMs: number
}

export interface CompactOptions<T extends JobCore = Job> extends ReplayOptions {
  before: Date
  /** Takes the events before they are dropped; nothing is dropped that it did not take. A SqliteJobStore is one. */
  archive?: EventArchive<T>
}

export interface EventArchive<T extends JobCore = Job> {
  /** Must be durable when it resolves; a batch it has seen before is not an error. */
  append(events: JobEvent<T>[]): Promise<void>
}

export interface CompactReport {
  dropped: number
  snapshotted: number
  archived: number
}

export interface StoreStats {
  backend: 'memory' | 'sqlite' | 'redis'
  jobs: number
  events: number
  /** Every status of the store, those at 0 too. */
  byStatus: Record<string, number>
  oldestEventAt: Date | null
  newestEventAt: Date | null
}

// ------------------------------------------------------------------------------------------------ backends

export interface StoreOptions {
  /**
   * The statuses that a job may have, each with the time that entering it stamps: 'queuedAt', 'startedAt', 'completedAt' or
   * null. Default: pending null, queued queuedAt, processing startedAt, completed, failed and cancelled completedAt.
   * Another status is an InvalidJobError.
   */
  statuses?: Record<string, 'queuedAt' | 'startedAt' | 'completedAt' | null>
  /** Which status may follow which. 'any' (default), 'guarded' (nothing leaves completed or cancelled; failed may only be queued again; only with the default statuses), or a table. */
  transitions?: 'any' | 'guarded' | Record<string, string[]>
  /** Between two sweeps for expired jobs. Default 30000; 0 turns the sweeper off. */
  sweepIntervalMs?: number
  /** Largest event, encoded. Default 1 MiB. @throws PayloadTooLargeError */
  maxEventBytes?: number
  /** compact() by itself, on one instance at a time: keep events at least this long. Default: keep all. */
  retention?: { keepMs: number; archive?: EventArchive<any> }
  /** Reads the fields of events written by older programs: called on every event's data before anything else sees it. */
  upcast?: (event: JobEvent<any>) => JobEvent<any>
}

export interface MemoryJobStore<T extends JobCore = Job> extends JobStore<T> {}
export declare class MemoryJobStore<T extends JobCore = Job> {
  constructor(options?: StoreOptions)
}

export interface SqliteJobStore<T extends JobCore = Job> extends JobStore<T>, EventArchive<T> {}
export declare class SqliteJobStore<T extends JobCore = Job> {
  /** @param path a file, made if missing; default 'jobs.db'. */
  constructor(path?: string, options?: SqliteStoreOptions)
}

export interface SqliteStoreOptions extends StoreOptions {
  /** 'full' (default): an acknowledged write survives a power cut. 'normal': it survives a crash of the process. */
  synchronous?: 'full' | 'normal'
}

export interface RedisJobStore<T extends JobCore = Job> extends JobStore<T> {}
export declare class RedisJobStore<T extends JobCore = Job> {
  /** @param redis an ioredis client or cluster of the caller's (never closed by the store), a URL, or options. Default redis://localhost:6379. */
  constructor(
    redis?: import('ioredis').Redis | import('ioredis').Cluster | string | import('ioredis').RedisOptions,
    options?: RedisStoreOptions,
  )
}

export interface RedisStoreOptions extends StoreOptions {
  /** Stands before every key, inside the hash tag. Default 'jobs'. */
  prefix?: string
  /** Hash slots that the jobs are spread over; fixed at the store's first use and kept in Redis. Default 1, with a Cluster 16. @throws StoreMismatchError if Redis holds another number */
  partitions?: number
  /** A field whose encoded value is larger stands only in the log, referred to from the job's hash. Default 64; Infinity keeps every hash whole by itself, for about twice the memory. */
  inlineBytes?: number
  /** Acknowledge a write only when this many replicas have it. Default 0. @throws NotDurableError if they don't within timeoutMs; the write may still stand. */
  durability?: { replicas: number; timeoutMs: number }
  /** How long a command is tried again over lost connections and failovers. Default 10000. @throws StoreUnavailableError */
  retryForMs?: number
  /** Told when Redis has lost writes that it had acknowledged (a failover without durability, a restart without AOF). */
  onWritesLost?: (loss: { partition: number; batches: number }) => void
  /** When the log is there but the state is not. Default 'refuse': ready() throws ProjectionLostError. */
  onProjectionLost?: 'refuse' | 'rebuild'
}

export type JobStoreConfig =
  | ({ type: 'memory' } & StoreOptions)
  | ({ type: 'sqlite'; path?: string } & SqliteStoreOptions)
  | ({ type: 'redis'; url?: string } & RedisStoreOptions)

export declare function createJobStore<T extends JobCore = Job>(config: JobStoreConfig): JobStore<T>

/**
 * The process's one store, by environment: JOB_STORE_TYPE (memory, the default; sqlite; redis), SQLITE_PATH,
 * REDIS_URL and what .env.example lists.
 * @throws InvalidConfigError naming the variable and what it may be
 */
export declare function getJobStore(env?: Record<string, string | undefined>): JobStore<Job>

// ------------------------------------------------------------------------------------------- moving between

/** Replays one store's whole log into an empty one: versions, times and metadata stay. Then compares the two. @throws MigrationMismatchError */
export declare function migrate<T extends JobCore>(
  from: JobStore<T>,
  to: JobStore<T>,
  options?: ReplayOptions,
): Promise<{ events: number; jobs: number }>

/** The jobs of a store written after the requirements document's outlines: job:{id} hashes with user:{id}:jobs sets, or its `jobs` table. */
export declare function readLegacyRedis(
  redis: import('ioredis').Redis,
  options?: { keyPrefix?: string },
): AsyncIterable<Job>
export declare function readLegacySqlite(path: string): AsyncIterable<Job>

// -------------------------------------------------------------------------------------------------- errors

/** Every error that the package throws on purpose. */
export declare class JobStoreError extends Error {
  readonly code: string
}
export declare class JobAlreadyExistsError extends JobStoreError {
  readonly code: 'JOB_ALREADY_EXISTS'
  readonly jobId: string
}
export declare class InvalidJobError extends JobStoreError {
  readonly code: 'INVALID_JOB'
  readonly field: string
}
export declare class InvalidTransitionError extends JobStoreError {
  readonly code: 'INVALID_TRANSITION'
  readonly from: string
  readonly to: string
}
export declare class VersionConflictError extends JobStoreError {
  readonly code: 'VERSION_CONFLICT'
  readonly expected: number
  readonly actual: number
}
export declare class PayloadTooLargeError extends JobStoreError {
  readonly code: 'PAYLOAD_TOO_LARGE'
  readonly bytes: number
  readonly limit: number
}
export declare class InvalidCursorError extends JobStoreError {
  readonly code: 'INVALID_CURSOR'
}
export declare class CursorGapError extends JobStoreError {
  readonly code: 'CURSOR_GAP'
  readonly oldest: Cursor
}
export declare class SlowConsumerError extends JobStoreError {
  readonly code: 'SLOW_CONSUMER'
  readonly cursor: Cursor
}
/** The log is shorter than the reader's position: Redis lost acknowledged events in a failover or a restart. watch() recovers by itself. */
export declare class LogRewoundError extends JobStoreError {
  readonly code: 'LOG_REWOUND'
  readonly newest: Cursor
}
export declare class CommandReusedError extends JobStoreError {
  readonly code: 'COMMAND_REUSED'
}
export declare class HistoryTruncatedError extends JobStoreError {
  readonly code: 'HISTORY_TRUNCATED'
  readonly oldest: Date
}
export declare class ProjectionLostError extends JobStoreError {
  readonly code: 'PROJECTION_LOST'
}
export declare class StoreUnavailableError extends JobStoreError {
  readonly code: 'STORE_UNAVAILABLE'
}
export declare class NotDurableError extends JobStoreError {
  readonly code: 'NOT_DURABLE'
  readonly acknowledged: number
  readonly wanted: number
}
export declare class StoreMismatchError extends JobStoreError {
  readonly code: 'STORE_MISMATCH'
}
export declare class StoreClosedError extends JobStoreError {
  readonly code: 'STORE_CLOSED'
}
export declare class InvalidConfigError extends JobStoreError {
  readonly code: 'INVALID_CONFIG'
}
export declare class MigrationMismatchError extends JobStoreError {
  readonly code: 'MIGRATION_MISMATCH'
}
