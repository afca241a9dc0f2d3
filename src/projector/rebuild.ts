import type { Backend } from '../backend.ts'
import type { Drift, RebuildReport, ReplayOptions } from '../contract.ts'
import type { Leftover } from '../maintenance.ts'
import type { SurveyedJob } from './audit.ts'
import type { Reading } from './fold.ts'
import { survey } from './survey.ts'
import type { Survey, Surveyor } from './surveyor.ts'
import type { Tally } from './tally.ts'
import { unfinishedImport } from '../unfinished-import.ts'

/** How to rebuild. */
export interface RebuildOptions extends ReplayOptions {
  /** All events of another log are there that were to be taken over. */
  endsAdoption?: boolean
}

/** Passes over the store. A second one is made only if the first found something and was not alone, and so on. */
const MAX_PASSES = 4

/**
 * Makes the live state what the log says, job by job, while reads and writes go on: each job is changed only if it is
 * still where it was seen, and counts are corrected by their difference. So it may be stopped anywhere and run again.
 * Writers that met a wrong state on the way may have carried it on (a count, say): if the log has grown meanwhile, it goes
 * over the store again until nothing is wrong any more. Two at once would both correct the counts, and a compaction takes
 * away what a tally needs: callers see to it that there is none.
 * @throws ProjectionLostError while another log is being taken over, unless this is to be the end of that
 */
export async function rebuild(backend: Backend, reading: Reading, options: RebuildOptions): Promise<RebuildReport> {
  const { endsAdoption = false } = options
  if (!endsAdoption && (await backend.isAdopting())) throw unfinishedImport()
  const startedAt = performance.now()
  const repairs = new Repairs(backend)
  const progress = new Progress(options)
  let found: Survey
  let before: number
  let passes = 0
  do {
    before = repairs.done
    const { oldest } = await backend.bounds()
    const onProgress = progress.report.bind(progress)
    found = await survey(backend, reading, repairs, oldest, { ...options, onProgress })
    repairs.done += await backend.revive(endsAdoption)
  } while (++passes < MAX_PASSES && repairs.done > before && (await hasGrown(backend, found)))
  progress.end(found)
  const { events, jobs } = found
  return { events, jobs, repaired: repairs.done, durationMs: performance.now() - startedAt }
}

/** Whether anything was written since the survey looked for the log's end. */
async function hasGrown(backend: Backend, { ends }: Survey): Promise<boolean> {
  const { newest } = await backend.bounds()
  return newest.some((position, partition) => position.sequence !== ends[partition]?.sequence)
}

/** Puts right what a survey finds, and counts it. */
class Repairs implements Surveyor {
  /** A job that is wrong is written as a whole, its entries with it. */
  readonly wantsEntries = false
  readonly restores = true
  readonly #backend: Backend
  done = 0

  constructor(backend: Backend) {
    this.#backend = backend
  }

  async onJobs(partition: number, jobs: readonly SurveyedJob[]): Promise<string[]> {
    const wrong = jobs.filter(({ drift }) => drift.length > 0)
    if (wrong.length === 0) return []
    const targets = wrong.map(({ audit, state, events }) => {
      return { jobId: audit.jobId, seen: audit.live?.lastEventId ?? null, state, events }
    })
    const done = await this.#backend.reconcile(partition, targets)
    for (const [index, { drift }] of wrong.entries()) if (done[index] === true) this.done += weigh(drift)
    return targets.filter((_, index) => done[index] !== true).map(({ jobId }) => jobId)
  }

  onRestored(jobs: number): void {
    this.done += jobs
  }

  async onLeftovers(partition: number, leftovers: readonly Leftover[]): Promise<void> {
    this.done += await this.#backend.removeLeftovers(partition, leftovers)
  }

  async onCounts(partition: number, tally: Tally): Promise<void> {
    const { byStatus, byUser } = tally.differences()
    this.done += byStatus.size + byUser.size
    if (byStatus.size + byUser.size > 0) await this.#backend.amendCounts(partition, byStatus, byUser)
  }
}

/** A job counts once, whatever of it was wrong; one that was right itself by its index entries. */
function weigh(drift: readonly Drift[]): number {
  return drift.every(({ kind }) => kind.endsWith('Index')) ? drift.length : 1
}

type Passed = Parameters<NonNullable<ReplayOptions['onProgress']>>[0]

/** One rise from 0 to 1, however many passes are made: that the last one was the last is known only at its end. */
class Progress {
  readonly #options: ReplayOptions
  #fraction = 0

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  report({ fraction, ...passed }: Passed): void {
    this.#fraction = Math.max(this.#fraction, Math.min(fraction, ALMOST))
    this.#options.onProgress?.({ ...passed, fraction: this.#fraction })
  }

  end({ events, jobs }: Survey): void {
    this.#options.onProgress?.({ events, jobs, fraction: 1 })
  }
}

/** How far a pass gets that may not be the last. */
const ALMOST = 0.99
