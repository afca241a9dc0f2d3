import type { Backend, LogBounds } from '../backend.ts'
import type { Drift, ReplayOptions, VerifyReport } from '../contract.ts'
import type { Leftover } from '../maintenance.ts'
import type { Reading } from './fold.ts'
import { survey } from './survey.ts'

/** Drift that a report names one by one. */
const MAX_NAMED = 1000

/**
 * Goes over a store again whose log was compacted meanwhile: what a tally needs was taken away; or that has crashed: the next
 * command would have had it put right. So often at most.
 */
const MAX_PASSES = 5

/** Reports where the live state is not what the log says. Changes nothing, but what a crash has left (Backend.mend). */
export async function verify(backend: Backend, reading: Reading, options: ReplayOptions): Promise<VerifyReport> {
  await backend.mend?.()
  for (let pass = 1; ; pass++) {
    const before = await backend.bounds()
    const report = await verifyOnce(backend, reading, before.oldest, options)
    const { oldest } = await backend.bounds()
    const isCompacted = oldest.some(({ sequence }, partition) => sequence !== before.oldest[partition]?.sequence)
    if (report.ok || pass === MAX_PASSES) return report
    const hasCrashed = (await backend.mend?.()) === true
    if (!isCompacted && !hasCrashed) return report
  }
}

async function verifyOnce(
  backend: Backend,
  reading: Reading,
  begin: LogBounds['oldest'],
  options: ReplayOptions,
): Promise<VerifyReport> {
  const drift: Drift[] = []
  let driftCount = 0
  const note = (found: readonly Drift[]): void => {
    driftCount += found.length
    drift.push(...found.slice(0, MAX_NAMED - drift.length))
  }
  const { events, jobs } = await survey(
    backend,
    reading,
    {
      wantsEntries: true,
      restores: false,
      onJobs: async (_partition, audited) => {
        for (const job of audited) note(job.drift)
        return []
      },
      onRestored: () => {},
      onLeftovers: async (_partition, leftovers) => note(leftovers.map(driftOf)),
      onCounts: async (_partition, tally) => note(tally.drift()),
    },
    begin,
    options,
  )
  return { ok: driftCount === 0, events, jobs, drift, driftCount }
}

function driftOf(leftover: Leftover): Drift {
  switch (leftover.kind) {
    case 'job':
      return { kind: 'orphanJob', jobId: leftover.jobId, expected: null, actual: leftover.jobId }
    case 'foreign':
      return { kind: 'orphanJob', field: leftover.name, expected: null, actual: leftover.name }
    case 'statusIndex': {
      const { kind, jobId, userId, status } = leftover
      return { kind, jobId, userId, field: status, expected: null, actual: jobId }
    }
    case 'userIndex':
    case 'expiryIndex':
      return { ...leftover, expected: null, actual: leftover.jobId }
  }
}
