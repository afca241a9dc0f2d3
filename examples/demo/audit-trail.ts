import { auditTrail } from '../../src/cli/show/audit-trail.ts'
import { comparisonOf } from '../../src/cli/show/comparison.ts'
import type { Screen } from '../../src/cli/terminal/screen.ts'
import { printTable } from '../../src/cli/terminal/table.ts'
import { timeOfDay } from '../../src/cli/terminal/text.ts'
import { printable } from '../../src/core/printable.ts'
import type { AsOf, JobCore, JobEvent, JobStore } from '../../src/index.ts'

/** Prints a job's events, oldest first. @returns them */
export async function printAuditTrail<T extends JobCore>(
  screen: Screen,
  store: JobStore<T>,
  id: string,
): Promise<JobEvent<T>[]> {
  const events: JobEvent<T>[] = []
  for await (const event of store.history(id)) events.push(event)
  const correlation = events[0]?.meta?.correlationId
  screen.heading(`Audit trail of ${printable(id)}: history()`)
  if (correlation !== undefined) screen.print(`  correlation id ${printable(correlation)}, times in UTC`)
  printTable(screen, auditTrail(events, timeOfDay))
  return events
}

/** Prints the job as it was just after one of its earlier events, beside what it is now. */
export async function printAsOf<T extends JobCore>(
  screen: Screen,
  store: JobStore<T>,
  events: readonly JobEvent<T>[],
  earlier: JobEvent<T>,
): Promise<void> {
  const { jobId, version, at } = earlier
  const asOf = momentOf(events, earlier)
  const [then, now] = await Promise.all([store.findByIdAsOf(jobId, asOf), store.findById(jobId)])
  const call = asOf instanceof Date ? `new Date('${at.toISOString()}')` : `{ version: ${version} }`
  screen.heading(`The same job as it was: findByIdAsOf(${JSON.stringify(printable(jobId))}, ${call})`)
  const thenTitle = `as of ${timeOfDay(at)} (version ${version})`
  const nowTitle = `now (version ${events.at(-1)?.version ?? version})`
  printTable(screen, comparisonOf({ title: thenTitle, job: then }, { title: nowTitle, job: now }))
}

/** The event's time, unless the next event came within the same millisecond: then only the version tells them apart. */
function momentOf<T extends JobCore>(events: readonly JobEvent<T>[], { at, version }: JobEvent<T>): AsOf {
  const next = events.find((event) => event.version === version + 1)
  return next?.at.getTime() === at.getTime() ? { version } : at
}
