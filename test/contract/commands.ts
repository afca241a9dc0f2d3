import type { JobStore } from '../../src/contract.ts'
import type { CommandOptions } from '../../src/core/command.ts'
import type { AnyJob } from './harness.ts'
import { aJob } from './jobs.ts'

/** A command on job-1, for promises that hold for each of them. */
export interface Verb {
  name: string
  run: (store: JobStore<AnyJob>, options?: CommandOptions) => Promise<unknown>
  /** The same verb with other content. */
  other: (store: JobStore<AnyJob>, options?: CommandOptions) => Promise<unknown>
}

/** The same at every call, so that a repeated create has the same content. */
const CREATED = aJob()

export const VERBS: readonly Verb[] = [
  {
    name: 'create',
    run: (store, options) => store.create(CREATED, options),
    other: (store, options) => store.create({ ...CREATED, maxRetries: 4 }, options),
  },
  {
    name: 'update',
    run: (store, options) => store.update('job-1', { note: { a: [1], at: new Date(5) } }, options),
    other: (store, options) => store.update('job-1', { note: { a: [2], at: new Date(5) } }, options),
  },
  {
    name: 'updateStatus',
    run: (store, options) => store.updateStatus('job-1', 'processing', options),
    other: (store, options) => store.updateStatus('job-1', 'queued', options),
  },
  {
    name: 'updateProgress',
    run: (store, options) => store.updateProgress('job-1', { percent: 50 }, options),
    other: (store, options) => store.updateProgress('job-1', { percent: 51 }, options),
  },
  {
    name: 'delete',
    run: (store, options) => store.delete('job-1', options),
    other: (store, options) => store.delete('job-1', options),
  },
]
