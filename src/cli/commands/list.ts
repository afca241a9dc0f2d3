import type { Command } from 'commander'

import type { JobPage } from '../../contract.ts'
import type { AnyJob, AnyStore, Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import { wholeNumber, type Run } from '../runner.ts'
import { describeValue } from '../show/describe.ts'
import type { Output } from '../terminal/output.ts'
import type { Paint } from '../terminal/table.ts'
import { dateTime } from '../terminal/text.ts'

const MOST_JOBS = 10_000

interface ListOptions {
  status?: string
  limit: number
  after?: string
}

export function addList(program: Command, run: Run): void {
  program
    .command('list')
    .description("list a user's jobs, newest first")
    .argument('<user>', 'id of the user')
    .option('--status <status>', 'only jobs of this status')
    .option('--limit <count>', 'jobs at most', wholeNumber(1, MOST_JOBS), 20)
    .option('--after <cursor>', 'go on where a list ended: its "next"')
    .action(run<[string], ListOptions>(list))
}

async function list({ config, output, isJson }: Context, options: ListOptions, userId: string): Promise<ExitCode> {
  const { status, limit, after } = options
  // What statuses a store has, its owner's program says. Here any may be asked for.
  const own = status === undefined ? config() : { ...config(), statuses: { [status]: null } }
  return withStore(own, async (store) => {
    const query = { limit, ...(status !== undefined && { status }), ...(after !== undefined && { after }) }
    const page = await store.listByUserId(userId, query)
    if (isJson) output.json(page)
    else if (page.jobs.length === 0) output.line(await explainNone(store, userId, status))
    else print(output, page)
    return EXIT.fine
  })
}

/** A mistyped status must not look like a user without jobs. */
async function explainNone(store: AnyStore, userId: string, status: string | undefined): Promise<string> {
  if (status === undefined) return `User ${JSON.stringify(userId)} has no jobs.`
  const { byStatus } = await store.stats()
  const others = Object.entries(byStatus).flatMap(([name, jobs]) => (jobs > 0 ? [name] : []))
  if (others.includes(status)) return `User ${JSON.stringify(userId)} has no jobs that are ${status}.`
  return `No job at all is ${JSON.stringify(status)}; there are ${others.join(', ') || 'none of any status'}.`
}

function print(output: Output, { jobs, next }: JobPage<AnyJob>): void {
  output.table({
    columns: [{ title: 'job' }, { title: 'status' }, { title: 'progress' }, { title: 'created' }, { title: 'expires' }],
    rows: jobs.map((job) => [
      job.id,
      job.status,
      describeValue('progress', job.progress, { longest: output.longestValue }),
      dateTime(job.createdAt),
      dateTime(job.expiresAt),
    ]),
    paint: (row) => paintOf(jobs[row]?.status),
  })
  if (next !== null) output.line(`  More: --after ${next}`, 'dim')
}

function paintOf(status: string | undefined): Paint | null {
  if (status === 'completed') return 'green'
  if (status === 'failed') return 'red'
  return status === 'cancelled' ? 'yellow' : null
}
