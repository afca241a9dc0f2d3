import type { JobStatus, JobStore } from '../../src/index.ts'
import { printAsOf, printAuditTrail } from './audit-trail.ts'
import { Board } from './board.ts'
import { describeValue } from '../../src/cli/show/describe.ts'
import { firstEvent, follow } from './follow.ts'
import { livesOf, type DemoJob, type Life } from './lives.ts'
import { repair } from './repair.ts'
import type { Run } from './run.ts'
import type { Screen } from '../../src/cli/terminal/screen.ts'
import { printTable } from '../../src/cli/terminal/table.ts'
import { counted, grouped } from '../../src/cli/terminal/text.ts'
import { printable } from '../../src/core/printable.ts'
import { Workshop } from './workshop.ts'

const SHOWN_JOBS = 8

/** The demo without a file: jobs that it makes up, shown while they run, and then what the store knows about them. */
export async function workingDay({ screen, store, run, signal }: Run<DemoJob>): Promise<boolean> {
  const { events } = await store.stats()
  const lives = livesOf(events === 0 ? '' : `-${run}`)
  screen.heading(`${counted(lives.length, 'job')}, four workers: each line is read from the store's log`)
  await watchLives(screen, store, lives, new Workshop(store, lives, run, signal))
  await printJobsOf(screen, store, 'alice')
  await printExpired(screen, store, lives)
  await printCounts(screen, store, [...new Set(lives.map(({ userId }) => userId))])
  const retried = lives.find(({ fate }) => fate === 'failsOnce') as Life
  const trail = await printAuditTrail(screen, store, retried.id)
  const failed = trail.find(({ data }) => data.status === 'failed')
  if (failed !== undefined) await printAsOf(screen, store, trail, failed)
  const finished = lives.filter(({ fate }) => fate === 'completes').map(({ id }) => id)
  return repair(screen, store, retried.id, finished[0] ?? '')
}

async function watchLives(
  screen: Screen,
  store: JobStore<DemoJob>,
  lives: readonly Life[],
  workshop: Workshop,
): Promise<void> {
  for (const life of lives) await workshop.accept(life)
  const first = await firstEvent(store, lives[0]?.id ?? '')
  if (first === null) throw new Error('The job that was created first has no history.')
  const board = new Board(screen, lives, first.at)
  board.show([first])
  let isOver = false
  const work = workshop.run(lives).finally(() => {
    isOver = true
  })
  const watch = async (): Promise<void> => {
    for await (const events of follow(store, first.cursor, () => isOver)) board.show(events)
  }
  const both = [work, watch()]
  await Promise.allSettled(both)
  screen.keep()
  await Promise.all(both)
}

async function printJobsOf(screen: Screen, store: JobStore<DemoJob>, userId: string): Promise<void> {
  const jobs = await store.findByUserId(userId, { limit: SHOWN_JOBS })
  screen.heading(`What ${userId} has, newest first: findByUserId(${JSON.stringify(userId)}, { limit: ${SHOWN_JOBS} })`)
  printTable(screen, {
    columns: [
      { title: 'job' },
      { title: 'title' },
      { title: 'status' },
      { title: 'progress' },
      { title: 'tries', align: 'right' },
      { title: 'took', align: 'right' },
    ],
    rows: jobs.map((job) => [
      job.id,
      job.title,
      job.status,
      describeValue('progress', job.progress),
      String(job.retryCount + 1),
      secondsOf(job),
    ]),
  })
}

async function printExpired(screen: Screen, store: JobStore<DemoJob>, lives: readonly Life[]): Promise<void> {
  for (const { id } of lives.filter(({ fate }) => fate === 'expires')) {
    const types: string[] = []
    for await (const event of store.history(id)) types.push(event.type)
    const found = (await store.findById(id)) === null ? 'no read finds it any more' : 'and yet it is there'
    screen.print(
      screen.style('dim', `  ${printable(id)} has expired: ${found}, but its history stays: ${types.join(', ')}`),
    )
  }
}

async function printCounts(screen: Screen, store: JobStore<DemoJob>, users: readonly string[]): Promise<void> {
  const statuses: JobStatus[] = ['pending', 'queued', 'processing', 'completed', 'failed', 'cancelled']
  const byStatus = await Promise.all(statuses.map((status) => store.countByStatus(status)))
  const byUser = await Promise.all(users.map((user) => store.countByUserId(user)))
  screen.heading('How many there are: countByStatus(), countByUserId()')
  const columns = [...statuses, '', ...users].map((title) => ({ title, align: 'right' }) as const)
  printTable(screen, { columns, rows: [[...byStatus.map(grouped), '', ...byUser.map(grouped)]] })
}

function secondsOf({ startedAt, completedAt }: DemoJob): string {
  if (startedAt === undefined || completedAt === undefined) return '–'
  return `${((completedAt.getTime() - startedAt.getTime()) / 1000).toFixed(1)} s`
}
