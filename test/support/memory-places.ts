import { MemoryJobStore } from '../../src/memory/memory-job-store.ts'
import type { AnyJob, StoreFactory } from '../contract/harness.ts'

/** Places that are gone with their one store. */
export const memoryPlaces: StoreFactory = {
  persists: false,
  newPlace: async () => ({
    open: (options) => new MemoryJobStore<AnyJob>(options),
    dispose: async () => {},
  }),
}
