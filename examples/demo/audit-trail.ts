import { isDeepStrictEqual } from 'node:util'

import type { AsOf, JobCore, JobEvent, JobStore } from '../../src/index.ts'
import { describeChange, describeValue } from './describe.ts'
import { fold, type Fields } from './fold.ts'
import type { Screen } from './screen.ts'
import { printable, timeOfDay } from './text.ts'
import { printTable } from './table.ts'

/** Prints a job's events, oldest first. @returns them */
export async function printAuditTrail<T extends JobCore>(
  screen: Screen,
  store: JobStore<T>,
  id: string,
): Promise<JobEvent<T>[]> {
  const events: JobEvent<T>[] = []
  const rows: string[][] = []
  let fields: Fields | null = null
  for await (const event of store.history(id)) {
    const actor = printable(event.meta?.actor ?? '–')
    rows.push([String(event.version), timeOfDay(event.at), event.type, actor, changeOf(fields, event)])
    fields = fold(fields, event)
    events.push(event)
  }
  const correlation = events[0]?.meta?.correlationId
  screen.heading(`Audit trail of ${printable(id)}: history()`)
  if (correlation !== undefined) screen.print(`  correlation id ${printable(correlation)}, times in UTC`)
  printTable(
    screen,
    [
      { title: 'version', align: 'right' },
      { title: 'time' },
      { title: 'event' },
      { title: 'actor' },
      { title: 'what changed' },
    ],
    rows,
    (row) => paintOf(events[row]),
  )
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
  const [then, now] = (await Promise.all([store.findByIdAsOf(jobId, asOf), store.findById(jobId)])) as (Fields | null)[]
  const call = asOf instanceof Date ? `new Date('${at.toISOString()}')` : `{ version: ${version} }`
  screen.heading(`The same job as it was: findByIdAsOf(${JSON.stringify(printable(jobId))}, ${call})`)
  const fields = [
    ...new Set(['id', 'userId', 'status', 'progress', ...Object.keys(then ?? {}), ...Object.keys(now ?? {})]),
  ]
  const isSame = (field: string): boolean => isDeepStrictEqual(then?.[field], now?.[field])
  const rows = fields.map((field) => [
    printable(field),
    describeValue(field, then?.[field]),
    isSame(field) ? '' : '≠',
    describeValue(field, now?.[field]),
  ])
  printTable(
    screen,
    [
      { title: 'field' },
      { title: `as of ${timeOfDay(at)} (version ${version})` },
      { title: '' },
      { title: `now (version ${events.at(-1)?.version ?? version})` },
    ],
    rows,
    (row) => (isSame(fields[row] ?? '') ? 'dim' : null),
  )
}

/** The event's time, unless the next event came within the same millisecond: then only the version tells them apart. */
function momentOf<T extends JobCore>(events: readonly JobEvent<T>[], { at, version }: JobEvent<T>): AsOf {
  const next = events.find((event) => event.version === version + 1)
  return next?.at.getTime() === at.getTime() ? { version } : at
}

function changeOf<T extends JobCore>(before: Fields | null, event: JobEvent<T>): string {
  const reason = event.meta?.reason
  return describeChange(before, event) + (reason === undefined ? '' : ` (${printable(reason)})`)
}

function paintOf<T extends JobCore>(event: JobEvent<T> | undefined): 'green' | 'red' | 'yellow' | 'dim' | null {
  const status = event?.data.status
  if (status === 'completed') return 'green'
  if (status === 'failed') return 'red'
  if (event?.type === 'deleted' || event?.type === 'expired' || status === 'cancelled') return 'yellow'
  return null
}
