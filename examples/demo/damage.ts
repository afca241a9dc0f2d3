import type { JobCore, JobStore } from '../../src/index.ts'
import { partitionOf } from '../../src/core/order.ts'
import { EventSourcedStore } from '../../src/store.ts'

/**
 * Damages a store's live state behind its back, as a slip of somebody's hand would: one job gets another status and
 * progress, another is gone, and a count is off. The log is left as it is.
 */
export async function damage<T extends JobCore>(store: JobStore<T>, changedId: string, lostId: string): Promise<void> {
  const changed = await store.findRecord(changedId)
  const lost = await store.findRecord(lostId)
  if (changed === null || lost === null) throw new Error('There is nothing to be damaged.')
  const { version, lastEventId } = changed
  const job: JobCore = { ...changed.job, status: 'failed', progress: { percent: 7 } }
  const state = { job, version, lastEventId }
  await EventSourcedStore.onBackend(store, async (backend) => {
    await backend.reconcile(partitionOf(changedId, backend.partitions), [
      { jobId: changedId, seen: lastEventId, state, events: [] },
    ])
    const partition = partitionOf(lostId, backend.partitions)
    await backend.reconcile(partition, [{ jobId: lostId, seen: lost.lastEventId, state: null, events: [] }])
    await backend.amendCounts(partition, new Map([['completed', 3]]), new Map())
  })
}
