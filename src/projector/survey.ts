import type { Backend } from '../backend.ts'
import type { Drift, ReplayOptions } from '../contract.ts'
import type { EventId } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'
import type { AuditRequest, Leftover, Place } from '../maintenance.ts'
import { compareEntries, compareState } from './compare.ts'
import { auditJobs, type AuditedJob, type Decode } from './fold.ts'
import { newestEvents } from './newest-events.ts'
import { Tally } from './tally.ts'

/** Jobs that are audited by one call. */
const JOBS_A_CALL = 64

/** Calls under way at once: the store works on one while this process works on another. */
const CALLS_AT_ONCE = 3

/** Leftovers that are handed over at once. */
const LEFTOVERS_A_CALL = 64

/** Who looks at what a survey finds. */
export interface Surveyor {
  /** Whether to look for the index entries of a job whose live state is wrong, at the place where it should be. */
  readonly asksForPlaces: boolean
  /** A job with its drift, which may be none. @returns true if the job has gone on meanwhile and is to be audited again */
  onJobs(partition: number, jobs: readonly (AuditedJob & { drift: Drift[] })[]): Promise<readonly string[]>
  onLeftovers(partition: number, leftovers: readonly Leftover[]): Promise<void>
  onCounts(partition: number, tally: Tally): Promise<void>
}

/** What was gone through. */
export interface Survey {
  events: number
  jobs: number
}

/**
 * Holds one store's live state against its log, partition by partition, while reads and writes go on:
 *
 * 1. Census: the counts and the log's end, at one instant.
 * 2. The log up to there is scanned for each job's newest event; nothing else of it is kept.
 * 3. Each of these jobs is audited: its live state, its index entries and its events come from one instant, so that a
 *    writer is never taken for drift. Its state at the census goes into a tally.
 * 4. What is kept and belongs to no job is looked for.
 * 5. The tally is held against the counts of the census.
 */
export async function survey(
  backend: Backend,
  decode: Decode,
  surveyor: Surveyor,
  options: ReplayOptions,
): Promise<Survey> {
  const found: Survey = { events: 0, jobs: 0 }
  const { oldest } = await backend.bounds()
  for (let partition = 0; partition < backend.partitions; partition++) {
    const before = found.events
    const report = (fraction: number): void => {
      options.signal?.throwIfAborted()
      options.onProgress?.({ ...found, fraction: Math.min(1, (partition + fraction) / backend.partitions) })
    }
    const census = await backend.census(partition)
    const tally = new Tally(census)
    const placed = new Map<string, Place | null>()
    let audited: ReadonlyMap<string, EventId> = new Map()
    const slices = newestEvents(backend, partition, oldest[partition], census.end, (events, fraction) => {
      found.events = Math.max(found.events, before + events)
      report(fraction / 2)
    })
    for await (const newest of slices) {
      audited = newest
      let done = 0
      const waiting = requestsOf(newest)
      const work = async (): Promise<void> => {
        for (const requests of waiting) {
          const jobs = await auditAll(backend, partition, requests, { through: census.end, decode, surveyor })
          for (const { audit, state, stateThen, drift } of jobs) {
            tally.add(stateThen)
            if (state?.job != null) found.jobs++
            if (drift.length > 0) placed.set(audit.jobId, placeOf(state?.job ?? null))
          }
          done += requests.length
          report(0.5 + (0.5 * done) / (newest.size + 1))
        }
      }
      await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work))
    }
    await lookForLeftovers(backend, partition, { audited, placed, surveyor, report })
    await surveyor.onCounts(partition, tally)
    report(1)
  }
  return found
}

interface Context {
  through: { sequence: number; key: string }
  decode: Decode
  surveyor: Surveyor
}

/** Audits some jobs, again those that had gone on when they were to be put right. */
async function auditAll(
  backend: Backend,
  partition: number,
  requests: readonly AuditRequest[],
  { through, decode, surveyor }: Context,
): Promise<(AuditedJob & { drift: Drift[] })[]> {
  const all = new Map<string, AuditedJob & { drift: Drift[] }>()
  let waiting = requests
  while (waiting.length > 0) {
    const jobs = await lookAt(backend, partition, waiting, { through, decode, surveyor })
    for (const job of jobs) all.set(job.audit.jobId, job)
    const again = new Set(await surveyor.onJobs(partition, jobs))
    waiting = waiting.filter(({ jobId }) => again.has(jobId))
  }
  return [...all.values()]
}

/** Audits jobs and compares them; those that live elsewhere than they should, once more at the place where they should. */
async function lookAt(
  backend: Backend,
  partition: number,
  requests: readonly AuditRequest[],
  { through, decode, surveyor }: Context,
): Promise<(AuditedJob & { drift: Drift[] })[]> {
  const jobs = await auditJobs(backend, partition, requests, through, decode)
  const misplaced = jobs.flatMap(({ audit, state }) => {
    const job = state?.job ?? null
    const isPlaced =
      job === null || (audit.live?.job?.['userId'] === job.userId && audit.live.job['status'] === job.status)
    return isPlaced ? [] : [{ jobId: audit.jobId, eventId: state?.lastEventId ?? null, place: job }]
  })
  const again = new Map<string, AuditedJob>()
  if (misplaced.length > 0 && surveyor.asksForPlaces)
    for (const job of await auditJobs(backend, partition, misplaced, through, decode)) again.set(job.audit.jobId, job)
  return jobs.map((first) => {
    const job = again.get(first.audit.jobId) ?? first
    const { audit, state } = job
    return { ...job, drift: [...compareState(audit.jobId, audit.live, state), ...compareEntries(audit, state)] }
  })
}

function placeOf(job: JobCore | null): Place | null {
  return job === null ? null : { userId: job.userId, status: job.status }
}

function* requestsOf(newest: ReadonlyMap<string, EventId>): Generator<AuditRequest[]> {
  let requests: AuditRequest[] = []
  for (const [jobId, eventId] of newest) {
    requests.push({ jobId, eventId, place: null })
    if (requests.length < JOBS_A_CALL) continue
    yield requests
    requests = []
  }
  if (requests.length > 0) yield requests
}

interface LeftoverContext {
  /** The jobs of the last slice: mostly there is but one. */
  audited: ReadonlyMap<string, EventId>
  /** Where jobs with drift should be. */
  placed: ReadonlyMap<string, Place | null>
  surveyor: Surveyor
  report: (fraction: number) => void
}

/** An entry that fits what the log says of a job, though not its wrong live state, is no leftover. */
async function lookForLeftovers(
  backend: Backend,
  partition: number,
  { audited, placed, surveyor, report }: LeftoverContext,
): Promise<void> {
  let leftovers: Leftover[] = []
  for await (const leftover of backend.leftovers(partition, (jobId) => audited.has(jobId))) {
    report(1)
    if (isRightPlace(leftover, placed)) continue
    leftovers.push(leftover)
    if (leftovers.length < LEFTOVERS_A_CALL) continue
    await surveyor.onLeftovers(partition, leftovers)
    leftovers = []
  }
  if (leftovers.length > 0) await surveyor.onLeftovers(partition, leftovers)
}

function isRightPlace(leftover: Leftover, placed: ReadonlyMap<string, Place | null>): boolean {
  switch (leftover.kind) {
    case 'foreign':
      return false
    case 'job':
      // Its drift has been found by its audit.
      return placed.has(leftover.jobId)
    case 'userIndex':
      return placed.get(leftover.jobId)?.userId === leftover.userId
    case 'statusIndex': {
      const place = placed.get(leftover.jobId)
      return place?.userId === leftover.userId && place.status === leftover.status
    }
    case 'expiryIndex':
      return (placed.get(leftover.jobId) ?? null) !== null
  }
}
