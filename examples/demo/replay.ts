import { JobAlreadyExistsError, JobStoreError, type EventMeta, type JobStatus, type JobStore } from '../../src/index.ts'
import { InputError } from './lines.ts'
import type { Tally } from './tally.ts'
import type { Entry, TraceJob } from './trace.ts'

/** The statuses that a count is checked for. */
export const STATUSES: readonly JobStatus[] = ['pending', 'queued', 'processing', 'completed', 'failed', 'cancelled']
/** Names that act on the jobs. */
export const WORKERS = 8
/** Jobs that are taken through their lives at once. */
export const IN_FLIGHT = 256

/** Jobs of a trace stay: nothing of them is to expire while one looks at them. */
const KEEP_MS = 10 * 365 * 86_400_000

/** What a replay needs besides the store and the trace. */
export interface Replay {
  store: JobStore<TraceJob>
  /** Of the trace, for messages. */
  path: string
  /** Names the run in every event. */
  run: string
  signal: AbortSignal
  onJob: () => void
}

/**
 * Takes each job of a trace through its life, IN_FLIGHT of them at once, each command after the answer to the one before.
 * @returns what the store must hold now
 * @throws InputError naming the line whose job the store refuses, and what the store throws
 */
export async function replay(
  entries: AsyncIterable<Entry>,
  { store, path, run, signal, onJob }: Replay,
): Promise<Tally> {
  const tally = await beginTally(store, run)
  const failure = new AbortController()
  const stop = AbortSignal.any([signal, failure.signal])
  const waiting = noted(entries, store, tally)
  const byImporter = { meta: { actor: 'importer', correlationId: run } }
  const lane = async (_: unknown, index: number): Promise<void> => {
    const byWorker = { meta: { actor: `worker-${(index % WORKERS) + 1}`, correlationId: run } }
    for (let next = await waiting.next(); next.done !== true && !stop.aborted; next = await waiting.next()) {
      await live(store, next.value, { path, byImporter, byWorker, suffix: tally.suffix })
      onJob()
    }
  }
  const lanes = Array.from({ length: IN_FLIGHT }, lane)
  await Promise.all(lanes.map((work) => work.catch((error: unknown) => failure.abort(error))))
  await waiting.return()
  failure.signal.throwIfAborted()
  signal.throwIfAborted()
  return tally
}

async function beginTally(store: JobStore<TraceJob>, run: string): Promise<Tally> {
  const { events } = await store.stats()
  const before = new Map<string, number>()
  for (const status of STATUSES) before.set(status, await store.countByStatus(status))
  return { jobs: 0, byUser: new Map(), before, firstId: '', suffix: events === 0 ? '' : `@${run}` }
}

/** Counts each job in before it is created, one after the other. Of a new user it first asks how many jobs there are. */
async function* noted(
  entries: AsyncIterable<Entry>,
  store: JobStore<TraceJob>,
  tally: Tally,
): AsyncGenerator<Entry, void> {
  for await (const entry of entries) {
    let user = tally.byUser.get(entry.user)
    if (user === undefined) {
      user = { before: tally.suffix === '' ? 0 : await store.countByUserId(entry.user), jobs: 0 }
      tally.byUser.set(entry.user, user)
    }
    user.jobs++
    if (tally.jobs++ === 0) tally.firstId = entry.id + tally.suffix
    yield entry
  }
}

interface Circumstances {
  path: string
  byImporter: { meta: EventMeta }
  byWorker: { meta: EventMeta }
  suffix: string
}

/** One job's life: six commands, six events. */
async function live(
  store: JobStore<TraceJob>,
  entry: Entry,
  { path, byImporter, byWorker, suffix }: Circumstances,
): Promise<void> {
  const id = entry.id + suffix
  const seconds = entry.runSeconds ?? 0
  await store.create(jobOf(entry, id), byImporter).catch((error: unknown) => {
    throw refusal(error, path, entry)
  })
  await store.updateStatus(id, 'queued', byImporter)
  await store.updateStatus(id, 'processing', byWorker)
  await store.updateProgress(id, { percent: 33, stage: 'running', seconds: Math.round(seconds / 3) }, byWorker)
  await store.updateProgress(id, { percent: 100, stage: 'done', seconds }, byWorker)
  const last = await store.update(id, { status: 'completed', result: { runSeconds: entry.runSeconds } }, byWorker)
  if (last === null)
    throw new Error(`Job ${id} was gone before it was completed: does somebody else delete from this store?`)
}

function jobOf({ user, startedAt, runSeconds, own }: Entry, id: string): TraceJob {
  const job: TraceJob = {
    id,
    userId: user,
    status: 'pending',
    progress: { percent: 0 },
    retryCount: 0,
    maxRetries: 0,
    createdAt: startedAt,
    expiresAt: new Date(Date.now() + KEEP_MS),
    runSeconds: runSeconds ?? -1,
  }
  for (const field of Object.keys(own)) job[TAKEN.has(field) ? `trace.${field}` : field] = own[field]
  return job
}

/** Fields that the store keeps about every job; a trace's fields of the same names are put beside them. */
const TAKEN = new Set(
  '__proto__ userId status progress result error retryCount maxRetries webhook createdAt queuedAt startedAt completedAt expiresAt'.split(
    ' ',
  ),
)

function refusal(error: unknown, path: string, { line, id }: Entry): unknown {
  if (error instanceof JobAlreadyExistsError)
    return new InputError(`${path}, line ${line}: the id ${JSON.stringify(id)} stands on an earlier line too.`, {
      cause: error,
    })
  const isAboutTheJob = error instanceof JobStoreError && ['INVALID_JOB', 'PAYLOAD_TOO_LARGE'].includes(error.code)
  return isAboutTheJob ? new InputError(`${path}, line ${line}: ${error.message}`, { cause: error }) : error
}
