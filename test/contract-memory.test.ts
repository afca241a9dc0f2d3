import { MemoryJobStore } from '../src/memory/memory-job-store.ts'
import type { AnyJob } from './contract/harness.ts'
import { runContract } from './support/run-contract.ts'

runContract('memory', {
  persists: false,
  newPlace: async () => ({
    open: (options) => new MemoryJobStore<AnyJob>(options),
    dispose: async () => {},
  }),
})
