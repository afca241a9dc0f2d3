import { randomBytes } from 'node:crypto'
import type { Job, JobCore } from '../core/job.ts'
import type { StoreOptions } from '../options.ts'
import { EventSourcedStore } from '../store.ts'
import { MemoryBackend } from './memory-backend.ts'

/** Jobs in this process's memory, for development and tests: everything is gone with the process. */
export class MemoryJobStore<T extends JobCore = Job> extends EventSourcedStore<T> {
  /** @throws InvalidConfigError */
  constructor(options?: StoreOptions) {
    super(new MemoryBackend(Date.now, randomBytes(8).toString('hex')), options)
  }
}
