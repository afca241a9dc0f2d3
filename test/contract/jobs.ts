import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from './harness.ts'

export const HOUR_MS = 3_600_000

/** A job of one hour, with nothing but what every job has, and what is given. */
export function aJob(fields: Partial<AnyJob> = {}): AnyJob {
  return {
    id: 'job-1',
    userId: 'user-1',
    status: 'pending',
    progress: { percent: 0 },
    retryCount: 0,
    maxRetries: 3,
    createdAt: new Date(),
    expiresAt: new Date(Date.now() + HOUR_MS),
    ...fields,
  }
}

/** A job with every field that the surface names. */
export function aFullJob(fields: Partial<AnyJob> = {}): AnyJob {
  return aJob({
    status: 'failed',
    progress: { percent: 99.5, stage: 'encode', message: 'nearly', frames: 1234, at: new Date(1_700_000_000_123) },
    result: { url: 'https://example.com/out.mp4', bytes: 12_345_678_901 },
    error: { code: 'E_CODEC', message: 'unknown codec', retryable: false, details: { line: 3 } },
    retryCount: 2,
    webhook: { url: 'https://example.com/hook', secret: 's3cret', events: ['completed', 'failed'] },
    queuedAt: new Date(1_700_000_000_001),
    startedAt: new Date(1_700_000_000_002),
    completedAt: new Date(1_700_000_000_003),
    videoUrl: 'https://example.com/in.mp4',
    videoId: 'v-1',
    options: { codec: 'h264', sizes: [360, 720, 1080], isDraft: false, note: null },
    videoMetadata: { durationSeconds: 61.25 },
    ...fields,
  })
}

/** Many jobs, made one after the other: `job-00000` is the oldest. */
export function jobsOf(userId: string, count: number, fields: Partial<AnyJob> = {}): AnyJob[] {
  return Array.from({ length: count }, (_, index) =>
    aJob({
      id: `job-${String(index).padStart(5, '0')}`,
      userId,
      createdAt: new Date(1_700_000_000_000 + index),
      ...fields,
    }),
  )
}

/** The update that removes these fields. (With exactOptionalPropertyTypes on, Partial alone would not let it be written.) */
export function removing(...fields: string[]): Partial<AnyJob> {
  return Object.fromEntries(fields.map((field) => [field, undefined])) as Partial<AnyJob>
}

/** So many own fields, each with its number. */
export function fieldsOf(count: number, name = 'field'): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name} ${index}`, index]))
}

/** Changes a value of `{ deep: […] }` as a careless reader might. */
export function changeInside(value: unknown): void {
  const { deep } = value as { deep: unknown[] }
  deep.push('changed')
}

/** Text of exactly so many bytes of UTF-8. */
export function textOf(bytes: number, character = 'x'): string {
  const size = Buffer.byteLength(character)
  return character.repeat(Math.floor(bytes / size)) + 'x'.repeat(bytes % size)
}

/** Creates that many jobs of user-1. @returns their ids, newest first */
export async function createMany(store: JobStore<AnyJob>, count: number): Promise<string[]> {
  const jobs = jobsOf('user-1', count)
  await Promise.all(jobs.map((job) => store.create(job)))
  return jobs.map((job) => job.id).reverse()
}
