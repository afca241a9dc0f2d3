import type { JobStore } from '../../src/index.ts'
import { checkLog } from './check-log.ts'
import { Differences, show, type Verdict } from './differences.ts'
import { STATUSES } from './replay.ts'
import type { Tally, UserTally } from './tally.ts'
import { counted, grouped } from '../../src/cli/terminal/text.ts'
import type { TraceJob } from './trace.ts'

const PAGE = 100
/** Users that are asked for at once. */
const USERS_AT_ONCE = 32

/** Compares a store with what a run must have left in it: counts, lists and log. Reads only. */
export async function* check(store: JobStore<TraceJob>, tally: Tally): AsyncGenerator<Verdict> {
  yield await checkStatusCounts(store, tally)
  yield await checkUserCounts(store, tally)
  yield await checkLists(store, tally)
  yield await checkLog(store, tally)
}

async function checkStatusCounts(store: JobStore<TraceJob>, { jobs, before }: Tally): Promise<Verdict> {
  const differences = new Differences('countByStatus')
  for (const status of STATUSES) {
    const expected = (before.get(status) ?? 0) + (status === 'completed' ? jobs : 0)
    differences.compare(status, expected, await store.countByStatus(status))
  }
  const already = before.get('completed') ?? 0
  const more = already === 0 ? '' : ` more than the ${grouped(already)} before`
  return differences.verdict(`${grouped(jobs)} completed${more}, one for each line; no other status grew`)
}

async function checkUserCounts(store: JobStore<TraceJob>, { byUser }: Tally): Promise<Verdict> {
  const differences = new Differences('countByUserId')
  await forUsers(byUser, async (user, { before, jobs }) => {
    differences.compare(show(user), before + jobs, await store.countByUserId(user))
  })
  return differences.verdict(`as many as the file has lines, for ${everyUser(byUser.size)}`)
}

async function checkLists(store: JobStore<TraceJob>, { byUser, suffix, jobs }: Tally): Promise<Verdict> {
  const differences = new Differences('listByUserId')
  let pages = 0
  await forUsers(byUser, async (user, expected) => {
    const list = new ListCheck(user, suffix, differences)
    let after: string | null = null
    do {
      const page = await store.listByUserId(user, { limit: PAGE, ...(after !== null && { after }) })
      for (const job of page.jobs) list.take(job)
      after = page.next
      pages++
    } while (after !== null)
    list.end(expected)
  })
  const size = `${counted(jobs, 'job')} in ${counted(pages, 'page')}`
  return differences.verdict(`all jobs of ${everyUser(byUser.size)}, completed, newest first: ${size}`)
}

/** One user's list, job by job. */
class ListCheck {
  readonly #user: string
  readonly #suffix: string
  readonly #differences: Differences
  #last: TraceJob | null = null
  #all = 0
  #ours = 0

  constructor(user: string, suffix: string, differences: Differences) {
    this.#user = show(user)
    this.#suffix = suffix
    this.#differences = differences
  }

  take(job: TraceJob): void {
    if (this.#last !== null && !isNewer(this.#last, job))
      this.#differences.add(`${this.#user}: ${show(this.#last.id)} stands before ${show(job.id)}`)
    this.#last = job
    this.#all++
    if (!job.id.endsWith(this.#suffix)) return
    this.#ours++
    if (job.status !== 'completed' || job.progress.percent !== 100)
      this.#differences.add(`${this.#user}: ${show(job.id)} is ${job.status}, at ${job.progress.percent} %`)
  }

  end({ before, jobs }: UserTally): void {
    this.#differences.compare(this.#user, before + jobs, this.#all)
    if (this.#suffix !== '') this.#differences.compare(`${this.#user}, jobs of this run`, jobs, this.#ours)
  }
}

/** Newest createdAt first; equal times by the bytes of the id, descending. So no job stands twice. */
function isNewer(one: TraceJob, other: TraceJob): boolean {
  const difference = one.createdAt.getTime() - other.createdAt.getTime()
  return difference > 0 || (difference === 0 && Buffer.compare(Buffer.from(one.id), Buffer.from(other.id)) > 0)
}

/** Runs a check for each user, some at a time. */
async function forUsers(
  byUser: Tally['byUser'],
  run: (user: string, tally: UserTally) => Promise<void>,
): Promise<void> {
  const waiting = byUser.entries()
  const lane = async (): Promise<void> => {
    for (const [user, tally] of waiting) await run(user, tally)
  }
  await Promise.all(Array.from({ length: USERS_AT_ONCE }, lane))
}

function everyUser(users: number): string {
  return users === 1 ? 'the one user' : `each of the ${grouped(users)} users`
}
