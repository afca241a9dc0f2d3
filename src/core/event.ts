import type { Job, JobCore } from './job.ts'

/**
 * A position in the whole log, all partitions included: what to hand back to go on after it. Opaque, safe in a URL and in
 * an SSE id. One that is none, or another store's: InvalidCursorError.
 */
export type Cursor = string

/** Names one event in one store's log. Opaque. */
export type EventId = string

/** Goes into the event, for the audit trail. Own fields of any name may stand beside these. */
export interface EventMeta {
  actor?: string
  reason?: string
  correlationId?: string
  [field: string]: unknown
}

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
  /** The whole state at `version`, standing for compacted events. It changes nothing: its version is that of the event before it. */
  | 'snapshotted'

/** One change of one job, as the log keeps it. */
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

/** A job with the version that it has and the event that brought it there. */
export interface JobRecord<T extends JobCore = Job> {
  job: T
  version: number
  lastEventId: EventId
}

/** A moment in a job's life: a time, a version, or the moment just after one of its events. */
export type AsOf = Date | { version: number } | { eventId: EventId }

/** Which events of the log; without a field, all. */
export interface EventQuery {
  jobId?: string
  /** Events whose job belonged to this user after them. */
  userId?: string
  types?: JobEventType[]
  /** Start after this position; default the start of the log. @throws CursorGapError if events after it were compacted away, LogRewoundError if the log ends before it */
  after?: Cursor
}

/** Which events of the log, from where on, and how they are to be handed over as they come. */
export interface SubscribeOptions extends EventQuery {
  /** Default 'now': only what comes after the call. 'start': the whole log first. */
  after?: Cursor | 'now' | 'start'
  /** Ends the iteration without an error. */
  signal?: AbortSignal
  /** Hand over only the newest 'progressed' event of a job while the reader is behind. Every other event is always handed over. Default false. */
  conflateProgress?: boolean
  /** Events held for a reader that is behind. Past it, the iteration ends with SlowConsumerError, whose cursor says where to go on. Default 10000. */
  bufferSize?: number
}
