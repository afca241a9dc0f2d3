import type { Backend } from '../backend.ts'
import type { RebuildReport, ReplayOptions } from '../contract.ts'
import type { Decode } from './fold.ts'
import { survey, type Survey } from './survey.ts'

/** Passes over the store. A second one is made only if the first found something, and so on. */
const MAX_PASSES = 4

/**
 * Makes the live state what the log says, job by job, while reads and writes go on: each job is changed only if it is
 * still where it was seen, and counts are corrected by their difference. So it may be stopped anywhere and run again.
 * Writers that met a wrong state on the way may have carried it on (a count, say): it goes over the store until nothing
 * is wrong any more.
 * @param isLost the state is gone as a whole, so that there are no writers: one pass is enough
 */
export async function rebuild(
  backend: Backend,
  decode: Decode,
  options: ReplayOptions,
  isLost: boolean,
): Promise<RebuildReport> {
  const startedAt = performance.now()
  let repaired = 0
  let found: Survey = { events: 0, jobs: 0 }
  for (let pass = 1; pass <= MAX_PASSES; pass++) {
    const before = repaired
    found = await survey(
      backend,
      decode,
      {
        asksForPlaces: false,
        onJobs: async (partition, jobs) => {
          const wrong = jobs.filter(({ drift }) => drift.length > 0)
          if (wrong.length === 0) return []
          const targets = wrong.map(({ audit, state, events }) => {
            return { jobId: audit.jobId, seen: audit.live?.lastEventId ?? null, state, events }
          })
          const done = await backend.reconcile(partition, targets)
          for (const [index, { drift }] of wrong.entries()) if (done[index] === true) repaired += weigh(drift)
          return targets.filter((_, index) => done[index] !== true).map(({ jobId }) => jobId)
        },
        onLeftovers: async (partition, leftovers) => {
          repaired += await backend.removeLeftovers(partition, leftovers)
        },
        onCounts: async (partition, tally) => {
          const { byStatus, byUser } = tally.differences()
          repaired += byStatus.size + byUser.size
          if (byStatus.size + byUser.size > 0) await backend.amendCounts(partition, byStatus, byUser)
        },
      },
      options,
    )
    if (repaired === before || isLost) break
  }
  repaired += await backend.revive()
  return { ...found, repaired, durationMs: performance.now() - startedAt }
}

/** A job counts once, whatever fields of it were wrong, and each of its index entries. */
function weigh(drift: readonly { kind: string }[]): number {
  const entries = drift.filter(({ kind }) => kind.endsWith('Index')).length
  return entries + (entries < drift.length ? 1 : 0)
}
