/** What users write, checked against the package's own types. Compiled by `tsc`, never run. */
import type { Cluster, Redis } from 'ioredis'

import * as jobledger from '../../src/index.ts'
import type * as Surface from './surface.ts'

interface ImportJob extends jobledger.JobCore {
  status: 'pending' | 'processing' | 'completed'
  file: string
  rows?: number
}

declare const redis: Redis
declare const cluster: Cluster

// What the package gives is what was promised.
export const stores: Surface.JobStore<ImportJob>[] = [
  new jobledger.MemoryJobStore<ImportJob>(),
  new jobledger.SqliteJobStore<ImportJob>('jobs.db', { synchronous: 'normal' }),
  new jobledger.RedisJobStore<ImportJob>(redis, { prefix: 'a', partitions: 7, inlineBytes: Infinity, retryForMs: 1 }),
  new jobledger.RedisJobStore<ImportJob>(cluster, { durability: { replicas: 1, timeoutMs: 100 } }),
  new jobledger.RedisJobStore<ImportJob>(
    { host: 'localhost' },
    { onWritesLost: ({ partition, batches }) => partition + batches, onProjectionLost: 'rebuild' },
  ),
  jobledger.createJobStore<ImportJob>({
    type: 'redis',
    url: 'redis://localhost:6379',
    transitions: { pending: ['processing'] },
  }),
]
export const contract: Surface.IJobStore = jobledger.getJobStore({ JOB_STORE_TYPE: 'memory' })

export const legacyJobs: AsyncIterable<Surface.Job>[] = [
  jobledger.readLegacyRedis(redis),
  jobledger.readLegacyRedis(redis, { keyPrefix: 'task:' }),
  jobledger.readLegacySqlite('jobs.db'),
]

// What was promised to be taken is taken.
declare const theirs: {
  memory: ConstructorParameters<typeof Surface.MemoryJobStore>
  sqlite: ConstructorParameters<typeof Surface.SqliteJobStore>
  redis: ConstructorParameters<typeof Surface.RedisJobStore>
  config: Surface.JobStoreConfig
}
export const made = [
  new jobledger.MemoryJobStore(...theirs.memory),
  new jobledger.SqliteJobStore(...theirs.sqlite),
  new jobledger.RedisJobStore(...theirs.redis),
  jobledger.createJobStore(theirs.config),
]

/** A worker, an audit page and an API in one. */
export async function program(store: jobledger.JobStore): Promise<string> {
  await using own = store
  const job: jobledger.Job = {
    id: 'j',
    userId: 'u',
    status: 'pending',
    progress: { percent: 0, stage: 'wait', frames: 1 },
    retryCount: 0,
    maxRetries: 1,
    createdAt: new Date(),
    expiresAt: new Date(),
    videoUrl: '',
    videoId: '',
    options: {},
  }
  await own.create(job, { commandId: 'c', meta: { actor: 'api', ip: '::1' } })
  const updated = await own.update('j', { status: 'queued' }, { expectedVersion: 1 })
  const status: jobledger.JobStatus | undefined = updated?.status
  const { jobs, next } = await own.listByUserId('u', { status: 'queued', limit: 5 })
  const found = await own.findByUserId('u', { status: 'failed', limit: 1, offset: 2 })
  const asOf = [new Date(), { version: 1 }, { eventId: 'e' }] satisfies jobledger.AsOf[]
  for (const moment of asOf) await own.findByIdAsOf('j', moment)
  const lines: string[] = [String(status), String(next), String(jobs.length + found.length)]
  for await (const event of own.history('j')) lines.push(`${event.version} ${event.at.toISOString()} ${event.type}`)
  for await (const event of own.events({ userId: 'u', types: ['created'], after: 'cursor' })) lines.push(event.cursor)
  try {
    await own.updateProgress('j', { percent: 5 })
  } catch (error) {
    if (error instanceof jobledger.VersionConflictError) lines.push(String(error.expected - error.actual))
    if (error instanceof jobledger.InvalidJobError) lines.push(error.field)
    if (error instanceof jobledger.JobStoreError) lines.push(error.code)
    if (error instanceof jobledger.CursorGapError) lines.push(error.oldest)
  }
  const stats: Surface.StoreStats = await own.stats()
  return lines.join('\n') + String(stats.events)
}

/** A page that shows what happens. */
export async function live(store: jobledger.JobStore<ImportJob>, signal: AbortSignal): Promise<string[]> {
  const lines: string[] = []
  const options: jobledger.SubscribeOptions = { after: 'start', signal, conflateProgress: true, bufferSize: 5 }
  try {
    for await (const event of store.subscribe({ ...options, jobId: 'j', types: ['created'] }))
      lines.push(event.cursor, event.data.file ?? '')
    for await (const event of store.subscribe()) lines.push(event.userId)
  } catch (error) {
    if (error instanceof jobledger.SlowConsumerError) lines.push(error.cursor)
    if (error instanceof jobledger.LogRewoundError) lines.push(error.newest)
  }
  const watched: Surface.JobStore<ImportJob> = store
  for await (const { job, event } of watched.watch('j', { signal })) lines.push(job?.file ?? '', event?.type ?? 'state')
  return lines
}

/** An operator's evening. */
export async function upkeep(
  store: jobledger.JobStore,
  other: jobledger.JobStore,
  signal: AbortSignal,
): Promise<string> {
  const archive: Surface.EventArchive = new jobledger.SqliteJobStore('archive.db')
  const verified: Surface.VerifyReport = await store.verify({ signal, onProgress: ({ fraction }) => void fraction })
  const named = verified.drift.map(({ kind, jobId, userId, field, expected, actual }: Surface.Drift) =>
    [kind, jobId, userId, field, expected, actual].join(' '),
  )
  const rebuilt: Surface.RebuildReport = await store.rebuild()
  const compacted: Surface.CompactReport = await store.compact({ before: new Date(), archive })
  const { events, jobs } = await jobledger.migrate(store, other, { signal })
  for await (const job of jobledger.readLegacySqlite('old.db')) await other.create(job)
  for await (const job of jobledger.readLegacyRedis(redis, { keyPrefix: 'job:' })) await other.create(job)
  return [...named, rebuilt.repaired, compacted.dropped, events, jobs].join()
}

/** Each error of the surface, by name, with its facts. */
type ErrorName = Extract<keyof typeof Surface, `${string}Error`>
export type MissingErrors = Exclude<ErrorName, keyof typeof jobledger>
export const noneMissing: [MissingErrors] extends [never] ? true : never = true
type Facts<N extends ErrorName & keyof typeof jobledger> =
  InstanceType<(typeof jobledger)[N]> extends InstanceType<(typeof Surface)[N]> ? true : N
export const facts: { [N in ErrorName & keyof typeof jobledger]: Facts<N> } extends Record<string, true>
  ? true
  : never = true

// Errors are made as Error is: by programs, and by their own classes.
type ErrorClass<E> = new (message?: string, options?: ErrorOptions) => E
type Makeable<N extends ErrorName & keyof typeof jobledger> =
  (typeof jobledger)[N] extends ErrorClass<InstanceType<(typeof Surface)[N]>> ? true : N
export const makeable: { [N in ErrorName & keyof typeof jobledger]: Makeable<N> } extends Record<string, true>
  ? true
  : never = true

class Quota extends jobledger.JobStoreError {
  override readonly code = 'QUOTA'

  constructor(cause: unknown) {
    super('over quota', { cause })
  }
}
class Away extends jobledger.StoreUnavailableError {}
class Stale extends jobledger.VersionConflictError {
  constructor() {
    super('stale')
  }
}
declare const given: ConstructorParameters<typeof Surface.JobStoreError>
export const errors: Surface.JobStoreError[] = [
  new Quota(new Error('cause')),
  new Away('down', { cause: 5 }),
  new Stale(),
  new jobledger.JobStoreError(),
  new jobledger.StoreUnavailableError('down'),
  new jobledger.InvalidJobError('no url', { cause: new Error('parse') }),
  new jobledger.StoreClosedError('shutting down'),
  new jobledger.CursorGapError(...given),
]

// A store may be extended: its readings are what was promised, no more.
export class Audited<T extends jobledger.JobCore> extends jobledger.MemoryJobStore<T> {
  override history(id: string): AsyncIterable<jobledger.JobEvent<T>> {
    return super.history(id)
  }

  override events(query?: jobledger.EventQuery): AsyncIterable<jobledger.JobEvent<T>> {
    return super.events(query)
  }

  override subscribe(options?: jobledger.SubscribeOptions): AsyncIterable<jobledger.JobEvent<T>> {
    return super.subscribe(options)
  }

  override watch(
    id: string,
    options?: { signal?: AbortSignal },
  ): AsyncIterable<{ job: T | null; event: jobledger.JobEvent<T> | null }> {
    return super.watch(id, options)
  }
}
export class Archive extends jobledger.SqliteJobStore {
  override history(id: string): AsyncIterable<jobledger.JobEvent> {
    return super.history(id)
  }
}
export class Far extends jobledger.RedisJobStore {
  override async *history(id: string): AsyncGenerator<jobledger.JobEvent> {
    yield* super.history(id)
  }
}
