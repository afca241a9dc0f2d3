import type {
  Backend,
  BackendStats,
  Batching,
  HistoryPage,
  ListQuery,
  LogBounds,
  Outcome,
  ScanPage,
  StoredJob,
} from '../backend.ts'
import type { StoredEvent } from '../stored-event.ts'
import type { EncodedCommand } from '../backend.ts'
import { START, type Position } from '../core/cursor.ts'
import { decide, expire, type Draft } from '../core/decide.ts'
import type { EventId } from '../core/event.ts'
import { evolve, isExpired, type JobState } from '../core/evolve.ts'
import type { StampField } from '../core/job.ts'
import { copyValue } from '../core/value.ts'
import { Indexes } from './indexes.ts'
import { SeenCommands } from './seen-commands.ts'

/** The readable reference: core/decide and core/evolve over Maps. Everything is gone with the process. */
export class MemoryBackend implements Backend {
  readonly kind = 'memory'
  readonly partitions = 1
  readonly epoch: string
  readonly batching: Batching = { maxItems: 256, maxBytes: Infinity, concurrency: 1, maxWaitMs: Infinity }
  readonly #now: () => number
  readonly #events: StoredEvent[] = []
  readonly #states = new Map<string, JobState>()
  readonly #indexes = new Indexes()
  readonly #seen = new SeenCommands()
  #live = 0

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
    const events: StoredEvent[] = []
    let next = from ?? this.#states.get(jobId)?.lastEventId ?? null
    while (next !== null && events.length < limit) {
      const event = this.#events[Number(next) - 1] as StoredEvent
      events.push({ ...event })
      next = event.previous
    }
    return { events, next, isTruncated: false }
  }

  async scan(_partition: number, after: Position, limit: number): Promise<ScanPage> {
    if (after.sequence > this.#events.length) return { kind: 'rewound' }
    const events = this.#events.slice(after.sequence, after.sequence + limit)
    return { kind: 'events', events: events.map((event) => ({ ...event })) }
  }

  async bounds(): Promise<LogBounds> {
    return { oldest: [START], newest: [this.#events.at(-1)?.position ?? START] }
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
    return {
      jobs: this.#live,
      events: this.#events.length,
      byStatus: new Map(this.#indexes.counts),
      oldestEventAt: this.#events[0]?.at ?? null,
      newestEventAt: this.#events.at(-1)?.at ?? null,
    }
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
    const sequence = this.#events.length + 1
    const id = String(sequence)
    this.#events.push({
      id,
      position: { sequence, key: id },
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
    this.#live += (after.job === null ? 0 : 1) - (before?.job == null ? 0 : 1)
  }

  #find(id: string, now: number): StoredJob | null {
    const state = this.#states.get(id)
    if (state?.job == null || isExpired(state.job, now)) return null
    return { job: copyValue(state.job), version: state.version, lastEventId: state.lastEventId }
  }

  /** The clock, but never earlier than the newest event. */
  #clock(): number {
    return Math.max(this.#now(), this.#events.at(-1)?.at ?? 0)
  }
}

/** A map without fields, in msgpack. */
const EMPTY_MAP = Uint8Array.of(0x80)

/** The field that decide stamped: what it set beyond what the command says. */
function stampOf(draft: Draft, { command }: EncodedCommand): StampField | null {
  return command.kind === 'change' && command.stamp !== null && command.stamp in draft.data ? command.stamp : null
}
