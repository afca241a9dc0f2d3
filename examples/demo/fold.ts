import type { JobCore, JobEvent } from '../../src/index.ts'

/** A job's fields by name. */
export type Fields = Record<string, unknown>

/** What an event makes of a job: the state is the fold of the log. null: there is none, or no more. */
export function fold<T extends JobCore>(fields: Fields | null, event: JobEvent<T>): Fields | null {
  switch (event.type) {
    case 'created':
    case 'snapshotted':
      return { ...event.data }
    case 'deleted':
    case 'expired':
      return null
    case 'updated':
    case 'statusChanged':
    case 'progressed': {
      const next: Fields = { ...fields, ...event.data }
      for (const field of event.removed) delete next[field]
      return next
    }
  }
}
