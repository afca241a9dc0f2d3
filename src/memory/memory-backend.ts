import type {
  Backend,
  BackendStats,
  Batching,
  EncodedCommand,
  HistoryPage,
  ListQuery,
  LogBounds,
  Outcome,
  ScanPage,
  StoredJob,
} from '../backend.ts'
import { START, type Position } from '../core/cursor.ts'
import { decide, expire, type Draft } from '../core/decide.ts'
import type { EventId } from '../core/event.ts'
import { evolve, isExpired, type JobState } from '../core/evolve.ts'
import type { StampField } from '../core/job.ts'
import { copyValue } from '../core/value.ts'
import type { Audit, AuditRequest, Census, EventHead, Leftover, Target } from '../maintenance.ts'
import { EventLog } from './event-log.ts'
import { Indexes } from './indexes.ts'
import { MemoryMaintenance } from './memory-maintenance.ts'
import { SeenCommands } from './seen-commands.ts'

/** The readable reference: core/decide and core/evolve over Maps. Everything is gone with the process. */
export class MemoryBackend implements Backend {
  readonly kind = 'memory'
  readonly partitions = 1
  readonly epoch: string
  readonly batching: Batching = { maxItems: 256, maxBytes: Infinity, concurrency: 1, maxWaitMs: Infinity }
  readonly #now: () => number
  readonly #log = new EventLog()
  readonly #states = new Map<string, JobState>()
  readonly #indexes = new Indexes()
  readonly #seen = new SeenCommands()
  readonly #maintenance = new MemoryMaintenance(this.#log, this.#states, this.#indexes)

  /**
   * @param now the clock, in ms since 1970
   * @param epoch tells this store's cursors from another's
   */
  constructor(now: () => number, epoch: string) {
    this.#now = now
    this.epoch = epoch
  }

  async open(): Promise<void> {}
  async close(): Promise<void> {}

  async apply(_partition: number, commands: EncodedCommand[]): Promise<Outcome[]> {
    return commands.map((encoded) => this.#applyOne(encoded))
  }

  async read(_partition: number, ids: string[]): Promise<(StoredJob | null)[]> {
    const now = this.#clock()
    return ids.map((id) => this.#find(id, now))
  }

  async list(query: ListQuery): Promise<StoredJob[]> {
    await this.sweep(Infinity)
    const end = query.after === null ? null : { ms: query.after.createdAtMs, id: query.after.id }
    const ids = this.#indexes.of(query.userId, query.status).descending(end, query.offset, query.limit)
    return ids.map((id) => this.#find(id, -Infinity)).filter((stored) => stored !== null)
  }

  async count(of: { userId: string } | { status: string }): Promise<number> {
    await this.sweep(Infinity)
    return 'userId' in of ? this.#indexes.of(of.userId, null).size : (this.#indexes.counts.get(of.status) ?? 0)
  }

  async history(jobId: string, from: EventId | null, limit: number): Promise<HistoryPage> {
    return this.#log.back(from ?? this.#states.get(jobId)?.lastEventId ?? null, limit)
  }

  async scan(_partition: number, after: Position, limit: number): Promise<ScanPage> {
    if (after.sequence > this.#log.size) return { kind: 'rewound' }
    return { kind: 'events', events: this.#log.after(after.sequence, limit) }
  }

  async bounds(): Promise<LogBounds> {
    return { oldest: [START], newest: [this.#log.end] }
  }

  async sweep(limit: number): Promise<number> {
    const now = this.#clock()
    let removed = 0
    for (let due = this.#indexes.firstToExpire; removed < limit; due = this.#indexes.firstToExpire) {
      if (due === undefined || due.ms > now) break
      const state = this.#states.get(due.id)
      if (state?.job == null) break
      this.#append(expire(state.job, state.version + 1), now, null)
      removed++
    }
    return removed
  }

  async lease(): Promise<boolean> {
    return true
  }

  async stats(): Promise<BackendStats> {
    await this.sweep(Infinity)
    const byStatus = new Map(this.#indexes.counts)
    return {
      jobs: [...byStatus.values()].reduce((total, count) => total + count, 0),
      events: this.#log.size,
      byStatus,
      oldestEventAt: this.#log.firstAt,
      newestEventAt: this.#log.lastAt,
    }
  }

  census(): Promise<Census> {
    return this.#maintenance.census()
  }

  scanHeads(partition: number, after: Position, limit: number): Promise<EventHead[]> {
    return this.#maintenance.scanHeads(partition, after, limit)
  }

  audit(partition: number, jobs: readonly AuditRequest[], through: Position): Promise<Audit[]> {
    return this.#maintenance.audit(partition, jobs, through)
  }

  reconcile(partition: number, targets: readonly Target[]): Promise<boolean[]> {
    return this.#maintenance.reconcile(partition, targets)
  }

  leftovers(): AsyncIterable<Leftover> {
    return this.#maintenance.leftovers()
  }

  removeLeftovers(partition: number, leftovers: readonly Leftover[]): Promise<number> {
    return this.#maintenance.removeLeftovers(partition, leftovers)
  }

  amendCounts(partition: number, byStatus: ReadonlyMap<string, number>): Promise<void> {
    return this.#maintenance.amendCounts(partition, byStatus)
  }

  #applyOne(encoded: EncodedCommand): Outcome {
    const { command } = encoded
    const now = this.#clock()
    const seen = this.#seen.find(command, encoded.digest, now)
    if (seen !== null) return seen

    const decision = decide(this.#states.get(command.jobId) ?? null, command, now)
    if (decision.kind !== 'accepted') return decision
    const last = decision.drafts.length - 1
    for (const [index, draft] of decision.drafts.entries()) this.#append(draft, now, index === last ? encoded : null)

    const state = this.#states.get(command.jobId) as JobState
    this.#seen.remember(command, encoded.digest, state.version, now)
    return { kind: 'applied', version: state.version, job: command.kind === 'change' ? copyValue(state.job) : null }
  }

  /** The one place where anything changes: the log first, then the job, then the indexes. */
  #append(draft: Draft, now: number, encoded: EncodedCommand | null): void {
    const before = this.#states.get(draft.jobId) ?? null
    const id = this.#log.append({
      type: draft.type,
      stamp: encoded === null ? null : stampOf(draft, encoded),
      jobId: draft.jobId,
      userId: draft.userId,
      version: draft.version,
      previous: before?.lastEventId ?? null,
      at: now,
      removed: [...draft.removed],
      meta: encoded?.meta ?? null,
      data: encoded?.data ?? EMPTY_MAP,
    })
    const after = evolve(before, { ...draft, id })
    this.#states.set(draft.jobId, after)
    this.#indexes.move(before?.job ?? null, after.job)
  }

  #find(id: string, now: number): StoredJob | null {
    const state = this.#states.get(id)
    if (state?.job == null || isExpired(state.job, now)) return null
    return { job: copyValue(state.job), version: state.version, lastEventId: state.lastEventId }
  }

  /** The clock, but never earlier than the newest event. */
  #clock(): number {
    return Math.max(this.#now(), this.#log.lastAt ?? 0)
  }
}

/** A map without fields, in msgpack. */
const EMPTY_MAP = Uint8Array.of(0x80)

/** The field that decide stamped: what it set beyond what the command says. */
function stampOf(draft: Draft, { command }: EncodedCommand): StampField | null {
  return command.kind === 'change' && command.stamp !== null && command.stamp in draft.data ? command.stamp : null
}
