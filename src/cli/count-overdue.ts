import { resolve } from 'node:path'

import { lookInto } from '../redis/connect.ts'
import { overdueOf } from '../redis/diagnosis/diagnose.ts'
import { readStore } from '../redis/diagnosis/read-store.ts'
import { readFile } from '../sqlite/diagnosis/read-file.ts'
import { DEFAULT_REDIS_URL, patienceOf, requireFile, requireStore } from './open-store.ts'
import type { StoreConfig } from './store-config.ts'

/** How many jobs a purge would remove. The store itself can't say: it removes them when it is asked for a count. */
export async function countOverdue(config: StoreConfig): Promise<number> {
  if (config.type === 'sqlite') {
    const { path = 'jobs.db' } = config
    requireFile(path)
    return readFile(resolve(path), 'full', Date.now()).log?.overdue ?? 0
  }
  const { url = DEFAULT_REDIS_URL, prefix = 'jobs', partitions = null } = config
  return lookInto(url, patienceOf(config), async (redis) => {
    await requireStore(redis, prefix)
    return overdueOf(await readStore(redis, prefix, partitions))
  })
}
