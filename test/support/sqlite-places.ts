import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SqliteJobStore, type SqliteStoreOptions } from '../../src/sqlite/sqlite-job-store.ts'
import type { AnyJob, StoreFactory } from '../contract/harness.ts'

/** Places that are a new folder each, with one file in it, for stores with these options. */
export function sqlitePlaces(options: SqliteStoreOptions = {}): StoreFactory {
  return {
    persists: true,
    newPlace: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'jobledger-'))
      return {
        open: (own) => new SqliteJobStore<AnyJob>(join(folder, 'jobs.db'), { ...options, ...own }),
        dispose: async () => rmSync(folder, { recursive: true }),
      }
    },
  }
}
