import type { JobEvent, JobStore } from '../../src/index.ts'
import { Differences, show, type Verdict } from './differences.ts'
import { firstEvent } from './follow.ts'
import type { Tally } from './tally.ts'
import { counted } from '../../src/cli/terminal/text.ts'
import type { TraceJob } from './trace.ts'

/** A life's events, by version: the type, and the status that it sets. */
const LIFE = [
  ['created', 'pending'],
  ['statusChanged', 'queued'],
  ['statusChanged', 'processing'],
  ['progressed', undefined],
  ['progressed', undefined],
  ['statusChanged', 'completed'],
] as const

/** How many events a job of a trace has. */
export const EVENTS_A_JOB: number = LIFE.length

/** Reads the log from the run's first event to its end: each job must have exactly its six events, in order. */
export async function checkLog(store: JobStore<TraceJob>, { firstId, suffix, jobs }: Tally): Promise<Verdict> {
  const log = new LogCheck(suffix)
  const first = await firstEvent(store, firstId)
  if (first !== null) {
    log.take(first)
    for await (const event of store.events({ after: first.cursor })) log.take(event)
  }
  return log.end(jobs)
}

/** The log, event by event. Holds only the jobs whose lives have begun and not ended. */
class LogCheck {
  readonly #suffix: string
  readonly #differences = new Differences('events')
  readonly #versions = new Map<string, number>()
  #events = 0
  #lives = 0

  constructor(suffix: string) {
    this.#suffix = suffix
  }

  take({ jobId, type, version, data }: JobEvent<TraceJob>): void {
    if (!jobId.endsWith(this.#suffix)) return
    this.#events++
    const before = this.#versions.get(jobId) ?? 0
    const [expectedType, expectedStatus] = LIFE[version - 1] ?? []
    if (version !== before + 1 || type !== expectedType || data.status !== expectedStatus)
      this.#differences.add(`${show(jobId)}: unexpected ${type} as version ${version}`)
    if (version < LIFE.length) this.#versions.set(jobId, version)
    else if (this.#versions.delete(jobId)) this.#lives++
  }

  end(jobs: number): Verdict {
    for (const [jobId, version] of this.#versions) this.#differences.add(`${show(jobId)}: ends with version ${version}`)
    this.#differences.compare('whole lives', jobs, this.#lives)
    this.#differences.compare('events', jobs * LIFE.length, this.#events)
    const found = counted(jobs * LIFE.length, 'event')
    return this.#differences.verdict(
      `${LIFE.length} a job, in order, versions 1 to ${LIFE.length}: ${found} in the log`,
    )
  }
}
