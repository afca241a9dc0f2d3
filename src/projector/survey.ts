import type { Backend } from '../backend.ts'
import type { Drift, ReplayOptions } from '../contract.ts'
import type { Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import type { JobState } from '../core/evolve.ts'
import type { JobFields } from '../core/job.ts'
import type { AuditRequest, Leftover, Place } from '../maintenance.ts'
import { compareEntries, compareState } from './compare.ts'
import { auditJobs, type AuditedJob, type Decode } from './fold.ts'
import { leftoversBeside } from './leftovers-beside.ts'
import { newestEvents } from './newest-events.ts'
import { Tally } from './tally.ts'

/** Jobs that are audited by one call. */
const JOBS_A_CALL = 32

/** Calls under way at once: the store works on one while this process works on another. */
const CALLS_AT_ONCE = 2
/** The same where the state is lost: no writer waits behind them. */
const CALLS_AT_ONCE_ALONE = 6

/** A job with its drift, which may be none. */
export interface SurveyedJob extends AuditedJob {
  drift: Drift[]
}

/** Who looks at what a survey finds. */
export interface Surveyor {
  /**
   * Whether drift must name exactly those index entries that are wrong, also of a job whose live state is at another place
   * or gone: that takes a second audit of each such job. If not, it may name right ones of these jobs too.
   */
  readonly wantsEntries: boolean
  /** @returns the ids of jobs that have gone on meanwhile and are to be audited again */
  onJobs(partition: number, jobs: readonly SurveyedJob[]): Promise<readonly string[]>
  onLeftovers(partition: number, leftovers: readonly Leftover[]): Promise<void>
  onCounts(partition: number, tally: Tally): Promise<void>
}

/** What was gone through. */
export interface Survey {
  events: number
  jobs: number
  /** The log's end in each partition, as far as it was looked at. */
  ends: Position[]
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
  const found: Survey = { events: 0, jobs: 0, ends: [] }
  let reported = 0
  const { oldest } = await backend.bounds()
  for (let partition = 0; partition < backend.partitions; partition++) {
    const before = found.events
    const report = (fraction: number): void => {
      options.signal?.throwIfAborted()
      // An estimate falls when more turns out to be left: a bar that goes back would tell nobody anything.
      reported = Math.max(reported, Math.min(1, (partition + fraction) / backend.partitions))
      options.onProgress?.({ events: found.events, jobs: found.jobs, fraction: reported })
    }
    report(0)
    const census = await backend.census(partition)
    found.ends.push(census.end)
    const tally = new Tally(census)
    const placed = new Map<string, Place | null>()
    const slices = newestEvents(backend, partition, oldest[partition], census.end, (events, fraction) => {
      found.events = Math.max(found.events, before + events)
      report(fraction / 2)
    })
    let audited: ReadonlyMap<string, EventId> = new Map()
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
            if (drift.length > 0) placed.set(audit.jobId, placeOf(state))
          }
          done += requests.length
          report(0.5 + (0.5 * done) / (newest.size + 1))
        }
      }
      const isAlone = census.endKept.sequence === 0
      await Promise.all(Array.from({ length: isAlone ? CALLS_AT_ONCE_ALONE : CALLS_AT_ONCE }, work))
    }
    for await (const leftovers of leftoversBeside(backend, partition, audited, placed)) {
      report(1)
      await surveyor.onLeftovers(partition, leftovers)
    }
    await surveyor.onCounts(partition, tally)
    report(1)
  }
  return found
}

interface Context {
  through: Position
  decode: Decode
  surveyor: Surveyor
}

/** Audits some jobs, again those that had gone on when they were to be put right. */
async function auditAll(
  backend: Backend,
  partition: number,
  requests: readonly AuditRequest[],
  context: Context,
): Promise<SurveyedJob[]> {
  const all = new Map<string, SurveyedJob>()
  let waiting = requests
  while (waiting.length > 0) {
    const jobs = await lookAt(backend, partition, waiting, context)
    for (const job of jobs) all.set(job.audit.jobId, job)
    const again = new Set(await context.surveyor.onJobs(partition, jobs))
    waiting = waiting.filter(({ jobId }) => again.has(jobId))
  }
  return [...all.values()]
}

/**
 * Audits jobs and compares them. Those that live elsewhere than they should are audited at the place where they should
 * too, if it is asked for: which of their entries are right can only be seen there.
 */
async function lookAt(
  backend: Backend,
  partition: number,
  requests: readonly AuditRequest[],
  { through, decode, surveyor }: Context,
): Promise<SurveyedJob[]> {
  const found = new Map<string, SurveyedJob>()
  let waiting = requests
  while (waiting.length > 0) {
    const misplaced: AuditRequest[] = []
    for (const [index, job] of (await auditJobs(backend, partition, waiting, through, decode)).entries()) {
      const { audit, state } = job
      const drift = [...compareState(audit.jobId, audit.live, state), ...compareEntries(audit, state)]
      found.set(audit.jobId, { ...job, drift })
      const place = placeOf(state)
      if (place !== null && surveyor.wantsEntries && !isAt(place, waiting[index]?.place ?? audit.live?.job))
        misplaced.push({ jobId: audit.jobId, eventId: state?.lastEventId ?? null, place })
    }
    waiting = misplaced
  }
  return [...found.values()]
}

function isAt(place: Place, seen: Place | JobFields | null | undefined): boolean {
  return seen?.['userId'] === place.userId && seen['status'] === place.status
}

/** No more than that is kept of a job: a survey that finds all of them wrong must not hold them all. */
function placeOf(state: JobState | null): Place | null {
  return state?.job == null ? null : { userId: state.job.userId, status: state.job.status }
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
