import {
  asksForNothing,
  requireAsOf,
  requireCount,
  requireDate,
  requireOptions,
  requireQuery,
  requireReplayOptions,
  requireText,
} from './arguments.ts'
import { ArchivedLog, isReadable } from './archive.ts'
import type { Backend, EncodedCommand, Outcome, StoredJob } from './backend.ts'
import type { StoredEvent } from './stored-event.ts'
import { Batcher } from './batcher.ts'
import { decodeEvent, encodeCommand } from './codec.ts'
import type {
  CompactOptions,
  CompactReport,
  EventArchive,
  FindByUserIdOptions,
  JobPage,
  JobStore,
  ReadableArchive,
  RebuildReport,
  ReplayOptions,
  StoreStats,
  VerifyReport,
} from './contract.ts'
import { isId } from './core/check.ts'
import { changeCommand, createCommand, deleteCommand, type Command, type CommandOptions } from './core/command.ts'
import { formatCursor, formatPage, parsePage, START, type PageKey } from './core/cursor.ts'
import { PayloadTooLargeError, ProjectionLostError, StoreClosedError, StoreUnavailableError } from './core/errors.ts'
import type { AsOf, Cursor, EventQuery, JobEvent, JobRecord } from './core/event.ts'
import type { Job, JobCore } from './core/job.ts'
import { partitionOf } from './core/order.ts'
import { jobAt, stateAsOf, type LogSource } from './history.ts'
import { withLease } from './lease.ts'
import { readLog } from './log.ts'
import { readOptions, type Retention, type Settings, type StoreOptions } from './options.ts'
import { settle } from './outcome.ts'
import { compact } from './projector/compact.ts'
import { rebuild } from './projector/rebuild.ts'
import { verify } from './projector/verify.ts'
import { Recurring } from './recurring.ts'
import { sweep, sweepInTurn } from './sweeper.ts'

/** How long close() waits for calls under way before it cuts them off. */
const CLOSE_GRACE_MS = 3000

/** What one read counts against the bytes of a gathered call: about what comes back for a job. */
const READ_BYTES = 1024

/**
 * A job store over any backend: every public verb stands here once. A verb checks what it was given, hands it to the
 * batcher of the job's partition, and maps the outcome: what the backend calls notFound is null here, what it calls a
 * conflict is an error.
 */
export class EventSourcedStore<T extends JobCore = Job> implements JobStore<T> {
  readonly #backend: Backend
  readonly #settings: Settings
  readonly #commands: Batcher<EncodedCommand, Outcome>[]
  readonly #reads: Batcher<string, StoredJob | null>[]
  readonly #calls = new Set<Promise<unknown>>()
  #archive: ReadableArchive<JobCore> | null
  readonly #walks = new AbortController()
  #isOpen = false
  #opening: Promise<void> | null = null
  #closing: Promise<void> | null = null
  /** What this store does by itself. */
  readonly #chores: Recurring[] = []

  /** What a store stands on; null for one that is not of this package. */
  static backendOf(store: object): Backend | null {
    return #backend in store ? store.#backend : null
  }

  /** @throws InvalidConfigError */
  constructor(backend: Backend, options?: StoreOptions) {
    this.#settings = readOptions(options)
    this.#archive = this.#settings.archive
    this.#backend = backend
    const partitions = Array.from({ length: backend.partitions }, (_, partition) => partition)
    this.#commands = partitions.map(
      (partition) =>
        new Batcher(
          backend.batching,
          (items, deadline) => this.#afterOpen(() => backend.apply(partition, items, deadline)),
          sizeOf,
        ),
    )
    this.#reads = partitions.map(
      (partition) =>
        new Batcher(
          backend.batching,
          (ids, deadline) => this.#afterOpen(() => backend.read(partition, ids, deadline)),
          () => READ_BYTES,
        ),
    )
  }

  ready(): Promise<void> {
    return this.#call(() => Promise.resolve())
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut()
    return this.#closing
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
    const command = changeCommand(id, { progress }, this.#settings.statuses, options)
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

  async findByUserId(userId: string, options: FindByUserIdOptions<T> = {}): Promise<T[]> {
    requireOptions(options)
    const { limit = 20, offset = 0 } = options
    requireCount('limit', limit)
    requireCount('offset', offset)
    const stored = await this.#list(userId, options.status, limit, offset, null)
    return stored.map((record) => record.job as T)
  }

  async listByUserId(
    userId: string,
    options: { status?: T['status']; limit?: number; after?: string } = {},
  ): Promise<JobPage<T>> {
    requireOptions(options)
    const { limit = 20 } = options
    requireCount('limit', limit)
    const after = options.after === undefined ? null : parsePage(options.after)
    const stored = await this.#list(userId, options.status, limit === 0 ? 0 : limit + 1, 0, after)
    const jobs = stored.slice(0, limit).map((record) => record.job as T)
    const last = jobs.at(-1)
    const hasMore = stored.length > limit && last !== undefined
    return { jobs, next: hasMore ? formatPage({ createdAtMs: last.createdAt.getTime(), id: last.id }) : null }
  }

  async countByUserId(userId: string): Promise<number> {
    requireText('userId', userId)
    return this.#call(() => (isId(userId) ? this.#backend.count({ userId }) : Promise.resolve(0)))
  }

  async countByStatus(status: T['status']): Promise<number> {
    this.#settings.statuses.check(status)
    return this.#call(() => this.#backend.count({ status }))
  }

  async findByIdAsOf(id: string, asOf: AsOf): Promise<T | null> {
    requireText('id', id)
    requireAsOf(asOf)
    return this.#call(async () => jobAt(await this.#stateAsOf(id, asOf)) as T | null)
  }

  async *history(id: string): AsyncGenerator<JobEvent<T>> {
    requireText('id', id)
    yield* this.#events({ jobId: id })
  }

  async *events(query: EventQuery = {}): AsyncGenerator<JobEvent<T>> {
    requireQuery(query)
    yield* this.#events(query)
  }

  async purgeExpired(limit: number = Number.MAX_SAFE_INTEGER): Promise<number> {
    requireCount('limit', limit)
    return this.#call(() => sweep(this.#backend, limit))
  }

  async verify(options: ReplayOptions = {}): Promise<VerifyReport> {
    requireReplayOptions(options)
    return this.#call(() => verify(this.#backend, this.#decodeState, this.#untilClosed(options)))
  }

  async rebuild(options: ReplayOptions = {}): Promise<RebuildReport> {
    requireReplayOptions(options)
    return this.#track(async () => {
      await this.#openUnlessLost()
      const report = await this.#rebuild(this.#untilClosed(options))
      await this.ready()
      return report
    })
  }

  async stats(): Promise<StoreStats> {
    const stats = await this.#call(() => this.#backend.stats())
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

  /** For what can do without the live state. */
  async #openUnlessLost(): Promise<void> {
    if (this.#isOpen) return
    await this.#open().catch((error: unknown) => {
      if (!(error instanceof ProjectionLostError)) throw error
    })
  }

  #rebuild(options: ReplayOptions): Promise<RebuildReport> {
    return withLease(this.#backend, 'rebuild', options.signal, () => rebuild(this.#backend, this.#decodeState, options))
  }

  async compact(options: CompactOptions<T>): Promise<CompactReport> {
    requireReplayOptions(options)
    requireDate('options.before', options?.before)
    const archive = options.archive ?? null
    if (archive !== null && typeof archive.append !== 'function')
      throw new TypeError('options.archive: expected an EventArchive, like a SqliteJobStore.')
    return this.#call(() =>
      this.#compact({ ...this.#untilClosed(options), beforeMs: options.before.getTime(), archive }),
    )
  }

  #compact(
    options: ReplayOptions & { beforeMs: number; archive: EventArchive<JobCore> | null },
  ): Promise<CompactReport> {
    if (this.#archive === null && isReadable(options.archive)) this.#archive = options.archive
    const { epoch, partitions } = this.#backend
    const decodeWhole = (event: StoredEvent): JobEvent<JobCore> => {
      const positions = Array.from({ length: partitions }, () => START)
      positions[partitionOf(event.jobId, partitions)] = event.position
      return this.#decode<JobCore>(event, formatCursor({ epoch, positions }))
    }
    return withLease(this.#backend, 'compact', options.signal, () =>
      compact(this.#backend, this.#decodeState, { ...options, decodeWhole }),
    )
  }

  /** For what a store can do beyond its verbs: waits until it is open, and close() waits for it. */
  protected whenOpen<R>(call: () => Promise<R>): Promise<R> {
    return this.#call(call)
  }

  /** Where events are read from. */
  get #log(): LogSource {
    const { epoch, partitions } = this.#backend
    return {
      backend: this.#backend,
      archive: this.#archive === null ? null : new ArchivedLog(this.#archive, epoch, partitions),
    }
  }

  /** What a change gives back. Not async unless it must be: each promise on the way of a command is paid by all. */
  #outcomeOf(command: Command, outcome: Outcome): T | null | Promise<T | null> {
    const settled = settle(outcome, command)
    if (settled.kind === 'applied') return settled.job as T | null
    return settled.kind === 'notFound' ? null : this.#firstOutcome(command.jobId, settled.version)
  }

  /** The job as a command left it that was applied before. */
  async #firstOutcome(jobId: string, version: number): Promise<T | null> {
    const found = await this.#stateAsOf(jobId, { version })
    return (found?.state.job as T | null | undefined) ?? null
  }

  /** @throws PayloadTooLargeError, StoreClosedError, at once */
  #submit(command: Command): Outcome | Promise<Outcome> {
    const encoded = encodeCommand(command)
    const bytes = sizeOf(encoded)
    if (bytes > this.#settings.maxEventBytes)
      throw new PayloadTooLargeError(command.jobId, bytes, this.#settings.maxEventBytes)
    this.#requireOpen()
    if (!isId(command.jobId)) return { kind: 'notFound' }
    return this.#lane(this.#commands, command.jobId).submit(encoded)
  }

  async #read(id: string): Promise<StoredJob | null> {
    requireText('id', id)
    this.#requireOpen()
    return isId(id) ? this.#lane(this.#reads, id).submit(id) : null
  }

  async #list(
    userId: string,
    status: string | undefined,
    limit: number,
    offset: number,
    after: PageKey | null,
  ): Promise<StoredJob[]> {
    requireText('userId', userId)
    if (status !== undefined) this.#settings.statuses.check(status)
    this.#requireOpen()
    if (limit === 0 || !isId(userId)) return []
    return this.#call(() => this.#backend.list({ userId, status: status ?? null, limit, offset, after }))
  }

  async *#events(query: EventQuery): AsyncGenerator<JobEvent<T>> {
    await this.ready()
    if (asksForNothing(query)) return
    try {
      for await (const { event, cursor } of readLog(this.#log, query)) {
        yield this.#decode<T>(event, cursor)
        this.#requireOpen()
      }
    } catch (error) {
      throw this.#cutOff(error)
    }
  }

  #stateAsOf(id: string, asOf: AsOf): ReturnType<typeof stateAsOf> {
    return stateAsOf(this.#log, id, asOf, this.#decodeState)
  }

  /** An event for the fold, which has no use for its cursor. */
  readonly #decodeState = (event: StoredEvent): JobEvent<JobCore> => this.#decode<JobCore>(event, '')

  #decode<U extends JobCore>(stored: StoredEvent, cursor: Cursor): JobEvent<U> {
    const event = decodeEvent<U>(stored, cursor)
    return this.#settings.upcast?.(event) ?? event
  }

  /** A walk over the whole log is not waited for when the store is closed: it stops where it may. */
  #untilClosed(options: ReplayOptions): ReplayOptions {
    const signals = [this.#walks.signal, ...(options.signal === undefined ? [] : [options.signal])]
    return { ...options, signal: AbortSignal.any(signals) }
  }

  #lane<L>(lanes: readonly L[], jobId: string): L {
    return lanes[partitionOf(jobId, lanes.length)] as L
  }

  #requireOpen(): void {
    if (this.#closing !== null) throw new StoreClosedError()
  }

  /** For what goes to the backend by itself, not gathered. */
  #call<R>(call: () => Promise<R>): Promise<R> {
    return this.#track(() => this.#afterOpen(call))
  }

  /** Lets close() wait for a call. @throws StoreClosedError if close() cut it off, whatever the backend made of that */
  async #track<R>(call: () => Promise<R>): Promise<R> {
    this.#requireOpen()
    const work = call()
    this.#calls.add(work)
    try {
      return await work
    } catch (error) {
      throw this.#cutOff(error)
    } finally {
      this.#calls.delete(work)
    }
  }

  /** What close() cut off ends as closed, whatever the backend made of it. */
  #cutOff(error: unknown): unknown {
    const isCut = this.#closing !== null && error instanceof StoreUnavailableError
    return isCut ? new StoreClosedError({ cause: error }) : error
  }

  /** Also for batches that were gathered before close(): those are finished. */
  async #afterOpen<R>(call: () => Promise<R>): Promise<R> {
    if (!this.#isOpen) await this.#open()
    return call()
  }

  #open(): Promise<void> {
    this.#opening ??= this.#openBackend().catch((error: unknown) => {
      this.#opening = null
      throw error
    })
    return this.#opening
  }

  async #openBackend(): Promise<void> {
    await this.#backend.open().catch(async (error: unknown) => {
      if (!(error instanceof ProjectionLostError && this.#settings.rebuildsIfLost)) throw error
      await this.#rebuild(this.#untilClosed({}))
      await this.#backend.open()
    })
    this.#isOpen = true
    if (this.#closing === null) this.#beginChores()
  }

  #beginChores(): void {
    const { sweepIntervalMs, retention } = this.#settings
    if (sweepIntervalMs > 0)
      this.#chores.push(new Recurring(sweepIntervalMs, () => sweepInTurn(this.#backend, sweepIntervalMs * 3)))
    if (retention !== null) this.#chores.push(new Recurring(retention.intervalMs, () => this.#compactInTurn(retention)))
  }

  /** Unlike an unswept job, a log that is not compacted is noticed by nobody until memory is full: so it is said. */
  async #compactInTurn({ keepMs, archive, intervalMs }: Retention): Promise<void> {
    if (!(await this.#backend.lease('compact', intervalMs))) return
    try {
      await this.#compact({ ...this.#untilClosed({}), beforeMs: Date.now() - keepMs, archive })
    } catch (error) {
      if (this.#closing === null) process.emitWarning(`The log was not compacted: ${String(error)}`, 'JobStoreWarning')
    }
  }

  async #shut(): Promise<void> {
    this.#walks.abort(new StoreClosedError())
    const lanes: { drain(): Promise<void> }[] = [...this.#commands, ...this.#reads]
    const drained = Promise.all([
      ...this.#chores.map((chore) => chore.close()),
      ...lanes.map((lane) => lane.drain()),
      Promise.allSettled(this.#calls),
    ])
    await within(drained, CLOSE_GRACE_MS)
    await this.#backend.close()
    await drained
  }
}

function sizeOf(encoded: EncodedCommand): number {
  return encoded.data.length + (encoded.meta?.length ?? 0)
}

function date(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}

/** Waits for the work, or for so long. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
