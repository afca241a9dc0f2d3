export type { Backend } from './backend.ts'
export { createJobStore, getJobStore, type JobStoreConfig } from './config.ts'
export type {
  ArchivePlace,
  CompactOptions,
  CompactReport,
  Drift,
  EventArchive,
  FindByUserIdOptions,
  IJobStore,
  JobPage,
  JobStore,
  ReadableArchive,
  RebuildReport,
  ReplayOptions,
  StoreStats,
  VerifyReport,
} from './contract.ts'
export type { CommandOptions } from './core/command.ts'
export {
  CommandReusedError,
  CursorGapError,
  HistoryTruncatedError,
  InvalidConfigError,
  InvalidCursorError,
  InvalidJobError,
  InvalidLogError,
  InvalidTransitionError,
  JobAlreadyExistsError,
  JobStoreError,
  LogRewoundError,
  MigrationMismatchError,
  NotDurableError,
  PayloadTooLargeError,
  ProjectionLostError,
  SlowConsumerError,
  StoreClosedError,
  StoreMismatchError,
  StoreUnavailableError,
  VersionConflictError,
} from './core/errors.ts'
export type {
  AsOf,
  Cursor,
  EventId,
  EventMeta,
  EventQuery,
  JobEvent,
  JobEventType,
  JobRecord,
  SubscribeOptions,
} from './core/event.ts'
export type { Job, JobCore, JobError, JobProgress, JobStatus, JobWebhook } from './core/job.ts'
export type { Finding, Verdict } from './diagnosis/finding.ts'
export { exportLog } from './json-lines/export-log.ts'
export { readLogLines } from './json-lines/read-log-lines.ts'
export { readLegacyJsonLines } from './legacy/json-lines.ts'
export { readLegacyRedis } from './legacy/redis.ts'
export { readLegacySqlite } from './legacy/sqlite.ts'
export { importLog, migrate } from './migrate.ts'
export { MemoryJobStore } from './memory/memory-job-store.ts'
export type { StoreOptions } from './options.ts'
export { RedisJobStore } from './redis/redis-job-store.ts'
export type { RedisStoreOptions } from './redis/settings.ts'
export { SqliteJobStore, type SqliteStoreOptions } from './sqlite/sqlite-job-store.ts'
