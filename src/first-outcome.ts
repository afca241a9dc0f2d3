import type { StoredJob } from './backend.ts'
import { HistoryTruncatedError, quote, StoreUnavailableError } from './core/errors.ts'
import type { JobCore } from './core/job.ts'
import type { EventReader } from './reading/event-reader.ts'

/**
 * The job as a command left it that was applied before; if that was compacted away since, as it is now.
 * @param read reads the job as it is now
 * @param version that the command made
 * @throws StoreUnavailableError, whose outcome is never 'rejected'
 */
export async function firstOutcome(
  events: EventReader,
  read: () => Promise<StoredJob | null>,
  jobId: string,
  version: number,
): Promise<JobCore | null> {
  try {
    return (await stateOf(events, jobId, version)) ?? (await read())?.job ?? null
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error
    const message = `The command was applied, and what it made of job ${quote(jobId)} could not be read: ${error.message}`
    throw new StoreUnavailableError(message, { outcome: 'unknown', cause: error })
  }
}

/** @returns null if it was compacted away */
async function stateOf(events: EventReader, jobId: string, version: number): Promise<JobCore | null> {
  try {
    return (await events.stateAsOf(jobId, { version }))?.state.job ?? null
  } catch (error) {
    if (error instanceof HistoryTruncatedError) return null
    throw error
  }
}
