import { InvalidLogError, quote } from '../core/errors.ts'
import type { EventId, JobEvent } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'

/**
 * The newest event of each job so far: a log is whole only if each event follows the one that it names. Takes some 200
 * bytes a job.
 */
export class JobChains {
  readonly #newest = new Map<string, { id: EventId; version: number }>()

  /**
   * Takes the log's next event.
   * @throws InvalidLogError if it does not follow the event before it of the same job
   */
  add(event: JobEvent<JobCore>, line: number): void {
    const { id, type, jobId, version, previous } = event
    const newest = this.#newest.get(jobId)
    const isSnapshot = type === 'snapshotted'
    if (newest === undefined) {
      // Of a log that was compacted, a job's first events may be gone: any version may come first.
      if (version === 1 && !isSnapshot && previous !== null)
        throw InvalidLogError.of(line, 'previous', `expected null at the first event of job ${quote(jobId)}.`)
    } else {
      const next = isSnapshot ? newest.version : newest.version + 1
      if (version !== next)
        throw InvalidLogError.of(line, 'version', `expected ${next}, the next of job ${quote(jobId)}, got ${version}.`)
      if (previous !== newest.id)
        throw InvalidLogError.of(
          line,
          'previous',
          `expected ${quote(newest.id)}, the event before it of job ${quote(jobId)}, got ${quote(String(previous))}.`,
        )
    }
    this.#newest.set(jobId, { id, version })
  }
}
