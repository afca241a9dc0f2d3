import type { Backend, LogBounds } from '../backend.ts'
import type { ReplayOptions } from '../contract.ts'
import type { Reading } from './fold.ts'
import { PartitionSurvey } from './partition-survey.ts'
import type { Survey, Surveyor } from './surveyor.ts'

/**
 * Holds one store's live state against its log, partition by partition, while reads and writes go on:
 *
 * 1. Census: the counts and the log's end, at one instant.
 * 2. The log up to there is scanned: for outlines of its jobs, or, where there are none, for each job's newest event.
 *    Nothing else of it is kept.
 * 3. A job that is as its outline says is right. Any other is audited: its live state, its index entries and its events
 *    come from one instant, so that a writer is never taken for drift. The job's place at the census goes into a tally.
 * 4. What is kept and belongs to no job is looked for.
 * 5. The tally is held against the counts of the census.
 * @param oldest where the log begins
 */
export async function survey(
  backend: Backend,
  reading: Reading,
  surveyor: Surveyor,
  oldest: LogBounds['oldest'],
  options: ReplayOptions,
): Promise<Survey> {
  const found: Survey = { events: 0, jobs: 0, ends: [] }
  let reported = 0
  for (let partition = 0; partition < backend.partitions; partition++) {
    const report = (fraction: number): void => {
      options.signal?.throwIfAborted()
      // An estimate falls when more turns out to be left: a bar that goes back would tell nobody anything.
      reported = Math.max(reported, Math.min(1, (partition + fraction) / backend.partitions))
      options.onProgress?.({ events: found.events, jobs: found.jobs, fraction: reported })
    }
    report(0)
    await new PartitionSurvey({ backend, partition, reading, surveyor, found, report }).run(oldest[partition])
    report(1)
  }
  return found
}
