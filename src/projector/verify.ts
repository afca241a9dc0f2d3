import type { Backend } from '../backend.ts'
import type { Drift, ReplayOptions, VerifyReport } from '../contract.ts'
import type { Leftover } from '../maintenance.ts'
import type { Decode } from './fold.ts'
import { survey } from './survey.ts'

/** Drift that a report names one by one. */
const MAX_NAMED = 1000

/** Goes over a store again whose log was compacted meanwhile: what a tally needs was taken away. So often at most. */
const MAX_PASSES = 5

/** Reports where the live state is not what the log says. Changes nothing. */
export async function verify(backend: Backend, decode: Decode, options: ReplayOptions): Promise<VerifyReport> {
  for (let pass = 1; ; pass++) {
    const before = await backend.bounds()
    const report = await verifyOnce(backend, decode, options)
    const { oldest } = await backend.bounds()
    const isCompacted = oldest.some(({ sequence }, partition) => sequence !== before.oldest[partition]?.sequence)
    if (report.ok || !isCompacted || pass === MAX_PASSES) return report
  }
}

async function verifyOnce(backend: Backend, decode: Decode, options: ReplayOptions): Promise<VerifyReport> {
  const drift: Drift[] = []
  let driftCount = 0
  const note = (found: readonly Drift[]): void => {
    driftCount += found.length
    drift.push(...found.slice(0, MAX_NAMED - drift.length))
  }
  const { events, jobs } = await survey(
    backend,
    decode,
    {
      wantsEntries: true,
      onJobs: async (_partition, audited) => {
        for (const job of audited) note(job.drift)
        return []
      },
      onLeftovers: async (_partition, leftovers) => note(leftovers.map(driftOf)),
      onCounts: async (_partition, tally) => note(tally.drift()),
    },
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
