import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createJobStore } from '../../../src/config.ts'
import type { JobStore } from '../../../src/contract.ts'
import type { AnyJob } from '../../contract/harness.ts'
import { onProcessEnd } from '../../support/process-end.ts'
import { randomPrefix } from '../../support/redis-store.ts'
import { sharedRedis } from '../../support/shared-redis.ts'

/** A place for a store that no other test has. */
export interface Place {
  /** What names it on the command line. */
  args: string[]
  open(): JobStore<AnyJob>
}

/** A folder that is gone when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-cli-'))
  onProcessEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function sqlitePlace(): Promise<Place> {
  const path = join(temporaryFolder(), 'jobs.db')
  return {
    args: ['--store', `sqlite:${path}`],
    open: () => createJobStore<AnyJob>({ type: 'sqlite', path, sweepIntervalMs: 0 }),
  }
}

export async function redisPlace(partitions = 1): Promise<Place> {
  const { url } = await sharedRedis()
  const prefix = randomPrefix()
  return {
    args: ['--store', url, '--prefix', prefix],
    open: () =>
      createJobStore<AnyJob>({ type: 'redis', url, prefix, partitions, sweepIntervalMs: 0, onWarning: () => {} }),
  }
}

/** Both backends that outlive a process. */
export const PLACES: Record<string, () => Promise<Place>> = {
  sqlite: sqlitePlace,
  redis: () => redisPlace(3),
}

/** Fills a place by a store that is closed again. */
export async function fill(place: Place, work: (store: JobStore<AnyJob>) => Promise<void>): Promise<void> {
  const store = place.open()
  try {
    await work(store)
  } finally {
    await store.close()
  }
}
