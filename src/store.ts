import {
  asksForNothing,
  requireAsOf,
  requireCount,
  requireDate,
  requireQuery,
  requireReplayOptions,
  requireText,
} from './arguments.ts'
import type { Backend, Outcome, StoredJob } from './backend.ts'
import { encodeCommand } from './codec.ts'
import type {
  CompactOptions,
  CompactReport,
  FindByUserIdOptions,
  JobPage,
  JobStore,
  RebuildReport,
  ReplayOptions,
  StoreStats,
  VerifyReport,
} from './contract.ts'
import { isId } from './core/check.ts'
import {
  changeCommand,
  createCommand,
  deleteCommand,
  progressCommand,
  type Command,
  type CommandOptions,
} from './core/command.ts'
import { PayloadTooLargeError, ProjectionLostError } from './core/errors.ts'
import type { AsOf, EventQuery, JobEvent, JobRecord, SubscribeOptions } from './core/event.ts'
import type { Job, JobCore } from './core/job.ts'
import { Live } from './feed/live.ts'
import type { Sight } from './feed/watch.ts'
import { firstOutcome } from './first-outcome.ts'
import { JobLists } from './job-lists.ts'
import { Lanes, sizeOf } from './lanes.ts'
import { Lifecycle } from './lifecycle.ts'
import { readOptions, type Settings, type StoreOptions } from './options.ts'
import { settle } from './outcome.ts'
import { jobAt } from './reading/as-of.ts'
import { EventReader } from './reading/event-reader.ts'
import { sweep } from './upkeep/sweeper.ts'
import { Upkeep } from './upkeep/upkeep.ts'

/** What a store has beside its backend, for work that is no verb of its. */
interface Beside {
  events: EventReader
  upkeep: Upkeep
}

/**
 * A job store over any backend: every public verb stands here once. A verb checks what it was given, hands it to the
 * batcher of the job's partition, and maps the outcome: what the backend calls notFound is null here, what it calls a
 * conflict is an error.
 */
export class EventSourcedStore<T extends JobCore = Job> implements JobStore<T> {
  readonly #backend: Backend
  readonly #settings: Settings
  readonly #lanes: Lanes
  readonly #lifecycle: Lifecycle
  readonly #lists: JobLists
  readonly #events: EventReader
  readonly #upkeep: Upkeep
  readonly #live: Live

  /**
   * Does work on what a store stands on; close() ends it, and waits for that.
   * @returns null for a store that is not of this package
   */
  static onBackend<R>(store: object, work: (backend: Backend, beside: Beside) => Promise<R>): Promise<R> | null {
    if (!(#backend in store)) return null
    const own = store
    return own.#lifecycle.track(() => work(own.#backend, { events: own.#events, upkeep: own.#upkeep }))
  }

  /** A store's log for another one to take over; of a store of this package with what its snapshots keep beside the job. */
  static wholeLogOf<T extends JobCore>(store: JobStore<T>): AsyncIterable<JobEvent<T>> {
    if (!(#backend in store)) return store.events()
    const own = store as EventSourcedStore<T>
    return own.#readEvents({}, () => own.#events.readWhole<T>())
  }

  /** @throws InvalidConfigError */
  constructor(backend: Backend, options?: StoreOptions) {
    this.#settings = readOptions(options)
    this.#backend = backend
    this.#lifecycle = new Lifecycle({
      open: () => this.#open(),
      drain: () => Promise.all([this.#live.close(), this.#upkeep.close(), this.#lanes.drain()]),
      close: () => backend.close(),
    })
    this.#lanes = new Lanes(backend, (call) => this.#lifecycle.afterOpen(call))
    this.#lists = new JobLists(backend, this.#lifecycle, this.#settings.statuses)
    this.#events = new EventReader(backend, this.#settings)
    this.#upkeep = new Upkeep(backend, this.#events, this.#lifecycle.closed)
    backend.mendWith?.((isNeeded) => this.#upkeep.rebuildIf(isNeeded))
    this.#live = new Live({
      backend,
      events: this.#events,
      lifecycle: this.#lifecycle,
      read: (id) => this.#read(id),
    })
  }

  ready(): Promise<void> {
    return this.#lifecycle.call(() => Promise.resolve())
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async create(job: T, options?: CommandOptions): Promise<void> {
    const command = createCommand(job, this.#settings.statuses, options)
    settle(await this.#submit(command), command)
  }

  async update(id: string, updates: Partial<T>, options?: CommandOptions): Promise<T | null> {
    requireText('id', id)
    const command = changeCommand(id, updates, this.#settings.statuses, options)
    return this.#outcomeOf(command, await this.#submit(command))
  }

  async updateStatus(id: string, status: T['status'], options?: CommandOptions): Promise<T | null> {
    requireText('id', id)
    this.#settings.statuses.check(status)
    const command = changeCommand(id, { status }, this.#settings.statuses, options)
    return this.#outcomeOf(command, await this.#submit(command))
  }

  async updateProgress(id: string, progress: T['progress'], options?: CommandOptions): Promise<T | null> {
    requireText('id', id)
    const command = progressCommand(id, progress, options)
    return this.#outcomeOf(command, await this.#submit(command))
  }

  async delete(id: string, options?: CommandOptions): Promise<boolean> {
    requireText('id', id)
    const command = deleteCommand(id, options)
    return settle(await this.#submit(command), command).kind !== 'notFound'
  }

  async findById(id: string): Promise<T | null> {
    const stored = await this.#read(id)
    return (stored?.job as T | undefined) ?? null
  }

  async findRecord(id: string): Promise<JobRecord<T> | null> {
    return (await this.#read(id)) as JobRecord<T> | null
  }

  findByUserId(userId: string, options: FindByUserIdOptions<T> = {}): Promise<T[]> {
    return this.#lists.find(userId, options)
  }

  listByUserId(
    userId: string,
    options: { status?: T['status']; limit?: number; after?: string } = {},
  ): Promise<JobPage<T>> {
    return this.#lists.page(userId, options)
  }

  countByUserId(userId: string): Promise<number> {
    return this.#lists.countOfUser(userId)
  }

  countByStatus(status: T['status']): Promise<number> {
    return this.#lists.countOfStatus(status)
  }

  async findByIdAsOf(id: string, asOf: AsOf): Promise<T | null> {
    requireText('id', id)
    requireAsOf(asOf)
    return this.#lifecycle.call(async () =>
      isId(id) ? (jobAt(await this.#events.stateAsOf(id, asOf)) as T | null) : null,
    )
  }

  async *history(id: string): AsyncIterable<JobEvent<T>> {
    requireText('id', id)
    yield* this.#readEvents({ jobId: id })
  }

  async *events(query: EventQuery = {}): AsyncIterable<JobEvent<T>> {
    requireQuery(query)
    yield* this.#readEvents(query)
  }

  subscribe(options: SubscribeOptions = {}): AsyncIterable<JobEvent<T>> {
    return this.#live.subscribe<T>(options)
  }

  watch(id: string, options: { signal?: AbortSignal } = {}): AsyncIterable<Sight<T>> {
    return this.#live.watch<T>(id, options)
  }

  async purgeExpired(limit: number = Number.MAX_SAFE_INTEGER): Promise<number> {
    requireCount('limit', limit)
    return this.#lifecycle.call(() => sweep(this.#backend, limit))
  }

  async verify(options: ReplayOptions = {}): Promise<VerifyReport> {
    requireReplayOptions(options)
    return this.#lifecycle.call(() => this.#upkeep.verify(options))
  }

  async rebuild(options: ReplayOptions = {}): Promise<RebuildReport> {
    requireReplayOptions(options)
    return this.#lifecycle.track(async () => {
      await this.#openUnlessLost()
      const report = await this.#upkeep.rebuild(options)
      await this.ready()
      return report
    })
  }

  async compact(options: CompactOptions<T>): Promise<CompactReport> {
    requireReplayOptions(options)
    requireDate('options.before', options?.before)
    const archive = options.archive ?? null
    if (archive !== null && typeof archive.append !== 'function')
      throw new TypeError('options.archive: expected an EventArchive, like a SqliteJobStore.')
    return this.#lifecycle.call(() => this.#upkeep.compact({ ...options, beforeMs: options.before.getTime(), archive }))
  }

  async stats(): Promise<StoreStats> {
    const stats = await this.#lifecycle.call(() => this.#backend.stats())
    const byStatus: Record<string, number> = {}
    for (const status of this.#settings.statuses.names) byStatus[status] = stats.byStatus.get(status) ?? 0
    for (const [status, count] of stats.byStatus) if (count !== 0) byStatus[status] = count
    const { jobs, events, oldestEventAt, newestEventAt } = stats
    return {
      backend: this.#backend.kind,
      jobs,
      events,
      byStatus,
      oldestEventAt: date(oldestEventAt),
      newestEventAt: date(newestEventAt),
    }
  }

  /** For what a store can do beyond its verbs: waits until it is open, and close() waits for it. */
  protected whenOpen<R>(call: () => Promise<R>): Promise<R> {
    return this.#lifecycle.call(call)
  }

  /** What a change gives back. Not async unless it must be: each promise on the way of a command is paid by all. */
  #outcomeOf(command: Command, outcome: Outcome): T | null | Promise<T | null> {
    const settled = settle(outcome, command)
    if (settled.kind === 'applied') return settled.job as T | null
    if (settled.kind === 'notFound') return null
    const { jobId } = command
    const first = firstOutcome(this.#events, () => this.#lanes.read(jobId), jobId, settled.version)
    return this.#lifecycle.finish(first) as Promise<T | null>
  }

  /** @throws PayloadTooLargeError, StoreClosedError, at once */
  #submit(command: Command): Outcome | Promise<Outcome> {
    const encoded = encodeCommand(command)
    const bytes = sizeOf(encoded)
    if (bytes > this.#settings.maxEventBytes)
      throw PayloadTooLargeError.of(command.jobId, bytes, this.#settings.maxEventBytes)
    this.#lifecycle.requireOpen()
    if (!isId(command.jobId)) return { kind: 'notFound' }
    return this.#lanes.apply(encoded)
  }

  async #read(id: string): Promise<StoredJob | null> {
    requireText('id', id)
    this.#lifecycle.requireOpen()
    return isId(id) ? this.#lanes.read(id) : null
  }

  async *#readEvents(query: EventQuery, read = () => this.#events.read<T>(query)): AsyncGenerator<JobEvent<T>> {
    await this.ready()
    if (asksForNothing(query)) return
    try {
      for await (const event of read()) {
        yield event
        this.#lifecycle.requireOpen()
      }
    } catch (error) {
      throw this.#lifecycle.cutOff(error)
    }
  }

  /** A store whose state is lost is made again here, if it was told to. */
  async #open(): Promise<void> {
    await this.#backend.open().catch(async (error: unknown) => {
      if (!(error instanceof ProjectionLostError && this.#settings.rebuildsIfLost)) throw error
      await this.#upkeep.rebuildIf(() => this.#isLost())
      await this.#backend.open()
    })
    if (!this.#lifecycle.isClosing) this.#upkeep.begin(this.#settings)
  }

  /** Whether the state of any partition is lost. A read waits for nothing that a rebuild holds. */
  async #isLost(): Promise<boolean> {
    const { partitions, batching } = this.#backend
    const deadline = performance.now() + batching.maxWaitMs
    const reads = Array.from({ length: partitions }, (_, partition) => this.#backend.read(partition, [], deadline))
    const results = await Promise.allSettled(reads)
    return results.some((result) => result.status === 'rejected' && result.reason instanceof ProjectionLostError)
  }

  /** For what can do without the live state. */
  async #openUnlessLost(): Promise<void> {
    await this.#lifecycle.open().catch((error: unknown) => {
      if (!(error instanceof ProjectionLostError)) throw error
    })
  }
}

function date(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}
