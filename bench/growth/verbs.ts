import type { JobStatus } from '../../src/index.ts'
import type { Task } from '../contenders/contender.ts'
import { progressOf } from '../record.ts'
import { BUSY_USER, EVENTS_A_JOB, type SizedStore } from './sized-store.ts'

/** Jobs that one round deletes at most, and instances that one round of cold reads opens. */
const DOOMED = 10_000
const COLD_STORES = 4
const COLD_READS = 2_000

const STATUSES: readonly JobStatus[] = ['pending', 'queued', 'processing', 'completed']

/** Every verb, as it is asked of a store of any size. Creating comes last but for deleting: both change the size. */
export const GROWTH_VERBS: Record<string, (sized: SizedStore) => Task | Promise<Task>> = {
  updateProgress: (sized) => ({ run: (turn) => sized.store.updateProgress(sized.askedId(turn), progressOf(turn)) }),
  updateStatus: (sized) => ({
    run: (turn) => sized.store.updateStatus(sized.askedId(turn), STATUSES[turn % STATUSES.length] as JobStatus),
  }),
  update: (sized) => ({ run: (turn) => sized.store.update(sized.askedId(turn), { retryCount: turn % 4 }) }),
  findById: (sized) => ({ run: (turn) => sized.store.findById(sized.askedId(turn)) }),
  'findById, never seen': readCold,
  findByUserId: (sized) => ({ run: () => sized.store.findByUserId(BUSY_USER) }),
  'findByUserId, by status': (sized) => ({ run: () => sized.store.findByUserId(BUSY_USER, { status: 'pending' }) }),
  'listByUserId, a later page': readLaterPage,
  countByUserId: (sized) => ({ run: () => sized.store.countByUserId(BUSY_USER) }),
  countByStatus: (sized) => ({ run: () => sized.store.countByStatus('processing') }),
  history: (sized) => ({ run: (turn) => countEvents(sized.store.history(sized.quietId(turn))) }),
  findByIdAsOf: (sized) => ({
    run: (turn) => sized.store.findByIdAsOf(sized.quietId(turn), { version: EVENTS_A_JOB - 1 }),
  }),
  stats: (sized) => ({ run: () => sized.store.stats() }),
  create: (sized) => ({ run: () => sized.createNext() }),
  delete: async (sized) => {
    const ids = await sized.createDoomed(Math.min(DOOMED, sized.jobs))
    return { run: (turn) => sized.store.delete(ids[turn] as string), maxTurns: ids.length }
  },
}

/** Instances that have seen nothing read each job once. */
async function readCold(sized: SizedStore): Promise<Task> {
  const stores = Array.from({ length: COLD_STORES }, () => sized.open())
  await Promise.all(stores.map((store) => store.ready()))
  const reads = Math.min(COLD_READS, sized.jobs)
  return {
    run: (turn) => {
      const store = stores[Math.floor(turn / reads)] ?? sized.store
      return store.findById(sized.spreadId(turn % reads, reads))
    },
    maxTurns: COLD_STORES * reads,
    end: async () => {
      await Promise.all(stores.map((store) => store.close()))
    },
  }
}

async function readLaterPage(sized: SizedStore): Promise<Task> {
  let after: string | null = null
  for (let page = 0; page < 5; page++) {
    const { next } = await sized.store.listByUserId(BUSY_USER, after === null ? {} : { after })
    if (next !== null) after = next
  }
  const from: { after?: string } = after === null ? {} : { after }
  return { run: () => sized.store.listByUserId(BUSY_USER, from) }
}

async function countEvents(events: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of events) count++
  return count
}
