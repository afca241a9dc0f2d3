import type { Job, JobProgress, JobStatus } from '../src/index.ts'

/**
 * Jobs that stand in every contender's store before anything is measured, spread over users of 1,000 jobs each. The
 * benchmark's own tests do with fewer, in all its processes.
 */
export const JOBS: number = Number(process.env['JOBLEDGER_BENCH_JOBS'] ?? 10_000)
export const JOBS_A_USER: number = JOBS / 10
/** Jobs with a history of 10 events beside these. */
export const HISTORIES: number = JOBS / 50
export const EVENTS_A_HISTORY = 10
/** The status that is counted. */
export const COUNTED: JobStatus = 'processing'
export const COUNTED_JOBS: number = JOBS / 4

const STATUSES: readonly JobStatus[] = ['pending', 'queued', 'processing', 'completed']
const FIRST_CREATED_MS = Date.UTC(2026, 0, 1)
const EXPIRES_AT_MS = Date.UTC(2100, 0, 1)

/** The job at a place: an URL of 43 characters, options of about 120 bytes, metadata of about 400; never the same twice. */
export function aRecord(index: number, fields: Partial<Job> = {}): Job {
  const videoId = `v${(index * 7_919).toString(36).padStart(10, '0')}`
  return {
    id: idOf(index),
    userId: userOf(index),
    status: STATUSES[index % STATUSES.length] as JobStatus,
    progress: { percent: 0 },
    retryCount: 0,
    maxRetries: 3,
    createdAt: new Date(FIRST_CREATED_MS + index * 1000),
    expiresAt: new Date(EXPIRES_AT_MS),
    ...bodyOf(index, videoId),
    ...fields,
  }
}

/** Of the same length for every index below a hundred million. */
export function idOf(index: number): string {
  return `job-${String(index).padStart(8, '0')}-4f1c-9a52`
}

export function userOf(index: number): string {
  return `user-${String(Math.floor(index / JOBS_A_USER)).padStart(6, '0')}`
}

/** Jobs of the `create` rounds stand after all others, and no two rounds share one. */
export const FIRST_CREATED = 1_000_000

/** A job whose history is read: of users and of a status of its own, so that it is in no list or count measured. */
export function aHistoryRecord(index: number): Job {
  return aRecord(index, { id: historyIdOf(index), userId: `historian-${index % 10}`, status: 'failed' })
}

export function historyIdOf(index: number): string {
  return `history-${String(index).padStart(8, '0')}`
}

export function progressOf(turn: number): JobProgress {
  return { percent: turn % 101, stage: 'encode', message: `frame ${turn % 9_000} of 9000` }
}

/** What the job is about; as JSON about 660 bytes. */
function bodyOf(index: number, videoId: string): Pick<Job, 'videoUrl' | 'videoId' | 'options' | 'videoMetadata'> {
  return {
    videoUrl: `https://www.youtube.com/watch?v=${videoId}`,
    videoId,
    options: {
      format: 'mp4',
      quality: '1080p',
      codec: 'h264',
      audio: { codec: 'aac', bitrate: 192_000 },
      subtitles: ['en', 'de'],
      trim: null,
    },
    videoMetadata: {
      title: `Lecture ${index}: how a log becomes a state, and what it costs`,
      channel: 'Distributed systems, winter term',
      channelId: `UC${String(index % 977).padStart(20, '0')}`,
      durationSeconds: 3_600 + (index % 1_800),
      uploadedAt: '2025-11-03T08:15:00.000Z',
      resolution: { width: 1920, height: 1080, framesPerSecond: 29.97 },
      tags: ['lecture', 'databases', 'event sourcing', 'redis'],
      thumbnail: `https://i.ytimg.com/vi/${videoId}/maxresdefault.jpg`,
      language: 'en',
      isLive: false,
    },
  }
}
