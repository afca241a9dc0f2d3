import { requireCount, requireOptions, requireText } from './arguments.ts'
import type { Backend, StoredJob } from './backend.ts'
import type { FindByUserIdOptions, JobPage } from './contract.ts'
import { isId } from './core/check.ts'
import { formatPage, parsePage, type PageKey } from './core/cursor.ts'
import type { JobCore } from './core/job.ts'
import type { Statuses } from './core/statuses.ts'
import type { Lifecycle } from './lifecycle.ts'

/** A page of a user's jobs, by cursor. */
interface PageOptions<T extends JobCore> {
  status?: T['status']
  limit?: number
  after?: string
}

/** Which of a user's jobs. */
interface Wanted {
  userId: string
  status: string | undefined
  limit: number
  offset: number
  after: PageKey | null
}

/** A store's lists and counts of jobs: what they are asked is checked, then asked of the backend. */
export class JobLists {
  readonly #backend: Backend
  readonly #lifecycle: Lifecycle
  readonly #statuses: Statuses

  constructor(backend: Backend, lifecycle: Lifecycle, statuses: Statuses) {
    this.#backend = backend
    this.#lifecycle = lifecycle
    this.#statuses = statuses
  }

  async find<T extends JobCore>(userId: string, options: FindByUserIdOptions<T>): Promise<T[]> {
    requireOptions(options)
    const { status, limit = 20, offset = 0 } = options
    requireCount('limit', limit)
    requireCount('offset', offset)
    const stored = await this.#list({ userId, status, limit, offset, after: null })
    return stored.map((record) => record.job as T)
  }

  async page<T extends JobCore>(userId: string, options: PageOptions<T>): Promise<JobPage<T>> {
    requireOptions(options)
    const { status, limit = 20 } = options
    requireCount('limit', limit)
    const after = options.after === undefined ? null : parsePage(options.after)
    const stored = await this.#list({ userId, status, limit: limit === 0 ? 0 : limit + 1, offset: 0, after })
    const jobs = stored.slice(0, limit).map((record) => record.job as T)
    const last = jobs.at(-1)
    const hasMore = stored.length > limit && last !== undefined
    return { jobs, next: hasMore ? formatPage({ createdAtMs: last.createdAt.getTime(), id: last.id }) : null }
  }

  async countOfUser(userId: string): Promise<number> {
    requireText('userId', userId)
    return this.#lifecycle.call(() => (isId(userId) ? this.#backend.count({ userId }) : Promise.resolve(0)))
  }

  async countOfStatus(status: string): Promise<number> {
    this.#statuses.check(status)
    return this.#lifecycle.call(() => this.#backend.count({ status }))
  }

  async #list({ userId, status, limit, offset, after }: Wanted): Promise<StoredJob[]> {
    requireText('userId', userId)
    if (status !== undefined) this.#statuses.check(status)
    this.#lifecycle.requireOpen()
    if (limit === 0 || !isId(userId)) return []
    return this.#lifecycle.call(() => this.#backend.list({ userId, status: status ?? null, limit, offset, after }))
  }
}
