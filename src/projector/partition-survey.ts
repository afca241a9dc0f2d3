import type { Backend } from '../backend.ts'
import type { Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import type { AuditRequest, Census } from '../maintenance.ts'
import type { Place } from '../place.ts'
import type { Outline, Outlines } from '../outlines.ts'
import { auditAll } from './audit.ts'
import { placeOf, type Reading } from './fold.ts'
import { leftoversBeside, type Seen } from './leftovers-beside.ts'
import { newestEvents } from './newest-events.ts'
import { outlineSlices } from './outline-slices.ts'
import type { Survey, Surveyor } from './surveyor.ts'
import { Tally } from './tally.ts'

/** Jobs that are looked at by one call. */
const JOBS_A_CALL = 32

/** Calls under way at once: the store works on one while this process works on another. */
const CALLS_AT_ONCE = 2
/** The same where the state is lost: no writer waits behind them. */
const CALLS_AT_ONCE_ALONE = 6

/** What the survey of one partition works with. */
export interface SurveyParts {
  backend: Backend
  partition: number
  reading: Reading
  surveyor: Surveyor
  /** What was gone through in all: grows. */
  found: Survey
  /** Told how much of the partition is done, 0 to 1. @throws the reason to stop */
  report: (fraction: number) => void
}

/** Surveys one partition: see survey(). */
export class PartitionSurvey {
  readonly #parts: SurveyParts
  /** The jobs that were found wrong, each with where it should live. No more is kept: it may be all of them. */
  readonly #placed = new Map<string, Place | null>()

  constructor(parts: SurveyParts) {
    this.#parts = parts
  }

  /** @param from where the log begins */
  async run(from: Position | undefined): Promise<void> {
    const { backend, partition, reading, surveyor, found, report } = this.#parts
    const census = await backend.census(partition)
    found.ends.push(census.end)
    const before = found.events
    const onPage = (events: number, fraction: number): void => {
      found.events = Math.max(found.events, before + events)
      report(fraction / 2)
    }
    const tally = new Tally(census)
    const walk = { from, through: census.end, onPage }
    const seen =
      reading.outlines === null
        ? await this.#auditSlices(newestEvents(backend, partition, walk), census, tally)
        : await this.#checkSlices(reading.outlines, outlineSlices(reading.outlines, partition, walk), census, tally)
    for await (const leftovers of leftoversBeside(backend, partition, seen)) {
      report(1)
      await surveyor.onLeftovers(partition, leftovers)
    }
    // The one change that is guarded by nothing but the lease.
    report(1)
    await surveyor.onCounts(partition, tally)
  }

  /** Audits every job. @returns what is known of the last slice, and of the wrong jobs of all */
  async #auditSlices(slices: AsyncIterable<Map<string, EventId>>, census: Census, tally: Tally): Promise<Seen> {
    let last = new Map<string, EventId>()
    for await (const newest of slices) {
      last = newest
      await this.#eachBatch(newest, census, async (batch) => {
        await this.#audit(
          [...batch].map((one) => this.#request(...one)),
          census,
          tally,
        )
      })
    }
    return { isSeen: (jobId) => last.has(jobId), placeOf: (jobId) => this.#placed.get(jobId) }
  }

  /** Audits the jobs that are not as their outlines say. @returns the same, and where the right jobs of the last slice are */
  async #checkSlices(
    outlines: Outlines,
    slices: AsyncIterable<Map<string, Outline>>,
    census: Census,
    tally: Tally,
  ): Promise<Seen> {
    let last = new Map<string, Outline>()
    for await (const slice of slices) {
      last = slice
      await this.#eachBatch(slice, census, async (batch) => {
        const others = await this.#check(outlines, batch, census)
        const requests: AuditRequest[] = []
        for (const jobId of others) {
          requests.push(this.#request(jobId, batch.get(jobId)?.eventId ?? null))
          batch.delete(jobId)
          slice.delete(jobId)
        }
        for (const { place } of batch.values()) {
          tally.add(place)
          if (place !== null) this.#parts.found.jobs++
        }
        if (requests.length > 0) await this.#audit(requests, census, tally)
      })
    }
    return {
      isSeen: (jobId) => last.has(jobId),
      placeOf: (jobId) => (this.#placed.has(jobId) ? this.#placed.get(jobId) : last.get(jobId)?.place),
    }
  }

  /** @returns the jobs that are to be audited */
  async #check(outlines: Outlines, batch: ReadonlyMap<string, Outline>, census: Census): Promise<readonly string[]> {
    const { partition, surveyor } = this.#parts
    if (!surveyor.restores || !isLost(census)) return outlines.check(partition, batch)
    const others = await outlines.restore(partition, batch)
    surveyor.onRestored(batch.size - others.length)
    // A rebuild that was stopped has left those that it had restored.
    const left = new Map(others.map((jobId) => [jobId, batch.get(jobId) as Outline]))
    return left.size === 0 ? [] : outlines.check(partition, left)
  }

  #request(jobId: string, eventId: EventId | null): AuditRequest {
    // What upcast makes of an event may have fields that the event has not.
    return { jobId, eventId, place: null, isThin: !this.#parts.reading.upcasts }
  }

  async #audit(requests: readonly AuditRequest[], { end }: Census, tally: Tally): Promise<void> {
    const { backend, partition, reading, surveyor, found } = this.#parts
    const jobs = await auditAll(backend, requests, {
      partition,
      through: end,
      decode: reading.decode,
      wantsEntries: surveyor.wantsEntries,
      onJobs: (audited) => surveyor.onJobs(partition, audited),
    })
    for (const { audit, state, stateThen, drift } of jobs) {
      tally.add(placeOf(stateThen))
      if (state?.job != null) found.jobs++
      if (drift.length > 0) this.#placed.set(audit.jobId, placeOf(state))
    }
  }

  /** Goes through a slice in batches, some at once. */
  async #eachBatch<V>(
    slice: ReadonlyMap<string, V>,
    census: Census,
    look: (batch: Map<string, V>) => Promise<void>,
  ): Promise<void> {
    const { size } = slice
    const waiting = batchesOf(slice)
    let done = 0
    const work = async (): Promise<void> => {
      for (const batch of waiting) {
        done += batch.size
        await look(batch)
        this.#parts.report(0.5 + (0.5 * done) / (size + 1))
      }
    }
    await Promise.all(Array.from({ length: isLost(census) ? CALLS_AT_ONCE_ALONE : CALLS_AT_ONCE }, work))
  }
}

/** Whether nothing says where the log ends: no writer can be at work. */
function isLost({ endKept }: Census): boolean {
  return endKept.sequence === 0
}

function* batchesOf<V>(slice: ReadonlyMap<string, V>): Generator<Map<string, V>> {
  let batch = new Map<string, V>()
  for (const [jobId, value] of slice) {
    batch.set(jobId, value)
    if (batch.size < JOBS_A_CALL) continue
    yield batch
    batch = new Map()
  }
  if (batch.size > 0) yield batch
}
