import { basename } from 'node:path'

import { printAsOf, printAuditTrail } from './audit-trail.ts'
import { check } from './check.ts'
import { EVENTS_A_JOB } from './check-log.ts'
import { ProgressBar } from '../../src/cli/terminal/progress-bar.ts'
import { IN_FLIGHT, replay, WORKERS } from './replay.ts'
import type { Run } from './run.ts'
import type { Screen } from '../../src/cli/terminal/screen.ts'
import type { Tally } from './tally.ts'
import { printTable } from '../../src/cli/terminal/table.ts'
import { counted, cut, day, grouped } from '../../src/cli/terminal/text.ts'
import { printable } from '../../src/core/printable.ts'
import { entriesOf, survey, type TraceJob } from './trace.ts'

/**
 * The demo with a file: its jobs are taken through their lives, and the store is checked against it.
 * @param label says where the store is
 * @returns whether every check found the store right
 */
export async function traceRun(path: string, label: string, run: Run<TraceJob>): Promise<boolean> {
  const { screen, store } = run
  if (screen.isLive) screen.draw([cut(`  reading ${printable(path)} …`, screen.width - 1)])
  const { jobs, users, from, to } = await survey(path).finally(() => screen.erase())
  screen.heading(
    `${printable(basename(path))}: ${counted(jobs, 'job')} of ${counted(users, 'user')}, ${[...new Set([day(from), day(to)])].join(' to ')}`,
  )
  screen.print(`  ${WORKERS} workers, ${IN_FLIGHT} jobs in flight, ${EVENTS_A_JOB} events a job`)
  const bar = new ProgressBar(screen, 'job', jobs)
  let done = 0
  const onJob = (): void => bar.update({ done: ++done, fraction: done / jobs })
  let tally: Tally
  let seconds = 0
  try {
    tally = await replay(entriesOf(path), { ...run, path, onJob })
  } finally {
    seconds = bar.stop()
  }
  screen.heading('Check: the store against the file')
  const isRight = await printChecks(run, tally)
  const events = await printAuditTrail(screen, store, tally.firstId)
  const halfWay = events[Math.floor(events.length / 2)]
  if (halfWay !== undefined) await printAsOf(screen, store, events, halfWay)
  printSummary(screen, label, tally.jobs, seconds)
  if (!isRight) screen.print('', screen.style('red', '  ✗ The store is not what the file says: see the check above.'))
  return isRight
}

async function printChecks({ screen, store, signal }: Run<TraceJob>, tally: Tally): Promise<boolean> {
  let isRight = true
  const wait = (): void => (screen.isLive ? screen.draw(['  … checking']) : undefined)
  wait()
  for await (const verdict of check(store, tally)) {
    signal.throwIfAborted()
    screen.erase()
    isRight &&= verdict.isRight
    const mark = verdict.isRight ? screen.style('green', '✓') : screen.style('red', '✗')
    screen.print(`  ${mark} ${verdict.text}`)
    wait()
  }
  screen.erase()
  return isRight
}

function printSummary(screen: Screen, backend: string, jobs: number, seconds: number): void {
  const events = jobs * EVENTS_A_JOB
  screen.heading('Summary')
  const columns = [
    { title: 'backend' },
    ...['jobs', 'events', 'seconds', 'events/s'].map((title) => ({ title, align: 'right' }) as const),
  ]
  const row = [backend, grouped(jobs), grouped(events), seconds.toFixed(1), grouped(events / seconds)]
  printTable(screen, { columns, rows: [row] })
}
