import type { Position } from '../core/cursor.ts'
import type { Leftover } from '../maintenance.ts'
import type { SurveyedJob } from './audit.ts'
import type { Tally } from './tally.ts'

/** Who looks at what a survey finds. */
export interface Surveyor {
  /** Whether drift must name exactly those index entries that are wrong: see AuditContext. If not, it may name right ones too. */
  readonly wantsEntries: boolean
  /** Whether jobs are to be written at once, without a look at them, where the state is lost. */
  readonly restores: boolean
  /** @returns the ids of jobs that have gone on meanwhile and are to be audited again */
  onJobs(partition: number, jobs: readonly SurveyedJob[]): Promise<readonly string[]>
  /** Told how many jobs were written at once. */
  onRestored(jobs: number): void
  onLeftovers(partition: number, leftovers: readonly Leftover[]): Promise<void>
  onCounts(partition: number, tally: Tally): Promise<void>
}

/** What was gone through. */
export interface Survey {
  events: number
  jobs: number
  /** The log's end in each partition, as far as it was looked at. */
  ends: Position[]
}
