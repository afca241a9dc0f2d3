/** The statuses of the requirements document, and of a store without statuses of its own. */
export type JobStatus = 'pending' | 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled'

/** How far a job has come. Own fields of any name may stand beside these. */
export interface JobProgress {
  /** 0 to 100, both included; fractions are fine. */
  percent: number
  stage?: string
  message?: string
  [field: string]: unknown
}

/** Why a job failed. */
export interface JobError {
  code: string
  message: string
  retryable?: boolean
  details?: unknown
}

/** Whom to tell. The store keeps it and calls nobody. */
export interface JobWebhook {
  url: string
  secret?: string
  events?: string[]
}

/** What every job has, whatever it is about. Own fields of any name may stand beside these. */
export interface JobCore {
  /** Unique in the store, for ever: 1 to 512 bytes of UTF-8, any characters. */
  id: string
  /** 1 to 512 bytes of UTF-8, any characters. */
  userId: string
  /** One of the store's statuses (StoreOptions.statuses). */
  status: string
  /** percent must be 0 to 100: else InvalidJobError. */
  progress: JobProgress
  result?: unknown
  error?: JobError
  /** A whole number, 0 or more. */
  retryCount: number
  /** A whole number, 0 or more. */
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

/** The Dates that entering a status stamps, once a job. */
export const STAMP_FIELDS = ['queuedAt', 'startedAt', 'completedAt'] as const

/** One of {@link STAMP_FIELDS}. */
export type StampField = (typeof STAMP_FIELDS)[number]

/** What every job must have at every moment; none of these may be removed. */
export const REQUIRED_FIELDS = [
  'id',
  'userId',
  'status',
  'progress',
  'retryCount',
  'maxRetries',
  'createdAt',
  'expiresAt',
] as const

/** Top-level fields by name, own fields included; values are what core/value lets through. */
export type JobFields = Record<string, unknown>
