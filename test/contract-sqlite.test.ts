import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SqliteJobStore } from '../src/sqlite/sqlite-job-store.ts'
import type { AnyJob } from './contract/harness.ts'
import { runContract } from './support/run-contract.ts'

runContract('sqlite', {
  persists: true,
  newPlace: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobledger-'))
    return {
      open: (options) => new SqliteJobStore<AnyJob>(join(folder, 'jobs.db'), options),
      dispose: async () => rmSync(folder, { recursive: true }),
    }
  },
})
