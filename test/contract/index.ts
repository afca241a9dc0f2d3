/**
 * The contract of a backend, as tests. Whoever writes a backend runs them all with a few lines, and has kept the contract
 * when they pass:
 *
 *     import { suite } from 'uvu'
 *     import { contractOf } from './contract/index.ts'
 *
 *     const factory: StoreFactory = {
 *       persists: false,
 *       newPlace: async () => ({
 *         open: (options) => new MyJobStore(options),
 *         dispose: async () => {},
 *       }),
 *     }
 *     for (const { name, tests } of contractOf(factory)) {
 *       const register = suite(name)
 *       for (const test of tests) register(test.name, test.run)
 *       register.run()
 *     }
 *
 * Any framework will do that takes a name and an async function. A place is where one test's data lives; a backend whose
 * places outlive a store (`persists`) gets tests of that too. Each file here is one verb, or one promise that goes across
 * the verbs; after every test, whatever it was about, the live state must equal the fold of the log by core/evolve.
 */
import { asOf } from './as-of.ts'
import { badInput } from './bad-input.ts'
import { closed } from './closed.ts'
import { commandOptions } from './command-options.ts'
import { compactArchive } from './compact-archive.ts'
import { compactProgress } from './compact-progress.ts'
import { compactReading } from './compact-reading.ts'
import { compact } from './compact.ts'
import { concurrency } from './concurrency.ts'
import { counts } from './counts.ts'
import { create } from './create.ts'
import { damagedCursors } from './damaged-cursors.ts'
import { remove } from './delete.ts'
import { events } from './events.ts'
import { expiry } from './expiry.ts'
import { findById } from './find-by-id.ts'
import { findByUserId } from './find-by-user-id.ts'
import { testsOf, type NamedTest, type StoreFactory, type Suite } from './harness.ts'
import { history } from './history.ts'
import { identifiers } from './identifiers.ts'
import { limits } from './limits.ts'
import { listByUserId } from './list-by-user-id.ts'
import { paging } from './paging.ts'
import { persistence } from './persistence.ts'
import { rebuild } from './rebuild.ts'
import { stats } from './stats.ts'
import { subscribeCompacted } from './subscribe-compacted.ts'
import { subscribeEnding } from './subscribe-ending.ts'
import { subscribe } from './subscribe.ts'
import { transitionsAndStatuses } from './transitions-and-statuses.ts'
import { upcast } from './upcast.ts'
import { updateProgress } from './update-progress.ts'
import { updateStatus } from './update-status.ts'
import { update } from './update.ts'
import { values } from './values.ts'
import { verify } from './verify.ts'
import { watch } from './watch.ts'

const SUITES: Record<string, Suite> = {
  create,
  findById,
  findByUserId,
  listByUserId,
  paging,
  update,
  updateStatus,
  updateProgress,
  delete: remove,
  counts,
  expiry,
  history,
  events,
  'damaged cursors': damagedCursors,
  subscribe,
  'subscribe: ending': subscribeEnding,
  'subscribe: compacted': subscribeCompacted,
  watch,
  findByIdAsOf: asOf,
  stats,
  verify,
  rebuild,
  compact,
  'compact: progress': compactProgress,
  'compact: reading': compactReading,
  'compact: archive': compactArchive,
  'command options': commandOptions,
  'transitions and statuses': transitionsAndStatuses,
  values,
  identifiers,
  limits,
  'bad input': badInput,
  upcast,
  concurrency,
  closed,
}

const SUITES_IF_PERSISTENT: Record<string, Suite> = { persistence }

/** The suites that a backend has to pass. */
export function contractOf(factory: StoreFactory): { name: string; tests: NamedTest[] }[] {
  const suites = factory.persists ? { ...SUITES, ...SUITES_IF_PERSISTENT } : SUITES
  return Object.entries(suites).map(([name, suite]) => ({ name, tests: testsOf(suite, factory) }))
}
