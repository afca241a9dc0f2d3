import type { JobEvent } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'
import { plainJson } from '../plain-json.ts'
import type { Viewer } from './viewer.ts'

/** Writes jobs and events as a client gets to see them. */
export interface Representation<T extends JobCore> {
  /** A job as JSON, on one line. */
  job(job: T): string
  jobs(jobs: readonly T[], next: string | null): string
  /** An event as JSON, on one line. */
  event(event: JobEvent<T>, viewer: Viewer): string
}

export function representation<T extends JobCore>(redact: (fields: Partial<T>) => Partial<T>): Representation<T> {
  return {
    job: (job) => plainJson(redact(job)),
    jobs: (jobs, next) => plainJson({ jobs: jobs.map((job) => redact(job)), next }),
    event: (event, viewer) =>
      plainJson({
        ...event,
        data: redact(event.data),
        previous: viewer === 'admin' ? event.previous : ownPrevious(event),
      }),
  }
}

/** Before an event that says whose the job is from now on, it may have been another user's: what happened then stays hidden. */
function ownPrevious<T extends JobCore>({ type, data, previous }: JobEvent<T>): string | null {
  return type === 'created' || data.userId !== undefined ? null : previous
}
