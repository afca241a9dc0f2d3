import { requireReplayOptions } from './arguments.ts'
import type { JobStore, ReplayOptions } from './contract.ts'
import { MigrationMismatchError } from './core/errors.ts'
import type { JobEvent } from './core/event.ts'
import type { Job, JobCore } from './core/job.ts'
import { importEvents } from './import.ts'
import { readLogLines } from './json-lines/read-log-lines.ts'
import { EventSourcedStore } from './store.ts'

/**
 * Replays one store's whole log into an empty one, of any backend and number of partitions: versions, times and metadata
 * stay, ids of events and cursors are the new store's own. Then the two logs are compared, and the live state is made. The
 * source is only read, and should not be written to meanwhile: what comes late is not in the target. Until
 * it is done the target takes no commands; stopped or killed, it can be run again.
 * @returns how many events and live jobs the target has
 * @throws StoreMismatchError if the target isn't empty, MigrationMismatchError if the two differ, TypeError
 */
export async function migrate<T extends JobCore = Job>(
  from: JobStore<T>,
  to: JobStore<T>,
  options: ReplayOptions = {},
): Promise<{ events: number; jobs: number }> {
  requireReplayOptions(options)
  const { events: expected } = await from.stats()
  return importAndVerify(EventSourcedStore.wholeLogOf(from), to, options, expected)
}

/**
 * Fills an empty store with a log that exportLog() wrote: as migrate() does it.
 * @param lines the file, in chunks or lines
 * @throws InvalidLogError naming the line, StoreMismatchError, MigrationMismatchError
 */
export async function importLog<T extends JobCore = Job>(
  to: JobStore<T>,
  lines: AsyncIterable<string | Uint8Array>,
  options: ReplayOptions = {},
): Promise<{ events: number; jobs: number }> {
  requireReplayOptions(options)
  return importAndVerify(readLogLines<T>(lines), to, options, null)
}

async function importAndVerify<T extends JobCore>(
  events: AsyncIterable<JobEvent<T>>,
  to: JobStore<T>,
  options: ReplayOptions,
  expected: number | null,
): Promise<{ events: number; jobs: number }> {
  const taken = await importEvents(to, { events, expected }, options)
  const { ok, driftCount, jobs } = await to.verify(signalOf(options))
  if (!ok) throw MigrationMismatchError.of(`its state differs from its log in ${driftCount} places`)
  return { events: taken, jobs }
}

function signalOf({ signal }: ReplayOptions): ReplayOptions {
  return signal === undefined ? {} : { signal }
}
