import {
  Applied,
  type Backend,
  type BackendStats,
  type Batching,
  type Deliver,
  type EncodedCommand,
  type HistoryPage,
  type ListQuery,
  type LogBounds,
  type Outcome,
  type ScanPage,
  type StoredJob,
} from '../backend.ts'
import { START, type Position } from '../core/cursor.ts'
import { decide } from '../core/decide.ts'
import type { EventId } from '../core/event.ts'
import type { JobState } from '../core/evolve.ts'
import { copyValue } from '../core/value.ts'
import { followByScan } from '../follow-by-scan.ts'
import type {
  AdoptedEvent,
  Audit,
  AuditRequest,
  Census,
  EventHead,
  Leftover,
  Snapshot,
  Target,
} from '../maintenance.ts'
import { Expiry } from './expiry.ts'
import { MemoryCompaction } from './memory-compaction.ts'
import { MemoryMaintenance } from './memory-maintenance.ts'
import { MemoryState } from './memory-state.ts'
import { SeenCommands } from './seen-commands.ts'

/** The readable reference: core/decide and core/evolve over Maps. Everything is gone with the process. */
export class MemoryBackend implements Backend {
  readonly kind = 'memory'
  readonly partitions = 1
  readonly outlines = null
  readonly epoch: string
  readonly batching: Batching = { maxItems: 256, maxBytes: Infinity, concurrency: 1, maxWaitMs: Infinity }
  readonly #state: MemoryState
  readonly #seen = new SeenCommands()
  readonly #expiry: Expiry
  readonly #maintenance: MemoryMaintenance
  readonly #compaction: MemoryCompaction

  /**
   * @param now the clock, in ms since 1970
   * @param epoch tells this store's cursors from another's
   */
  constructor(now: () => number, epoch: string) {
    this.epoch = epoch
    this.#state = new MemoryState(now)
    this.#expiry = new Expiry(this.#state)
    this.#maintenance = new MemoryMaintenance(this.#state)
    this.#compaction = new MemoryCompaction(this.#state)
  }

  async open(): Promise<void> {
    this.#state.requireWhole()
  }

  async close(): Promise<void> {}

  async apply(_partition: number, commands: EncodedCommand[]): Promise<Outcome[]> {
    this.#state.requireWhole()
    return commands.map((encoded) => this.#applyOne(encoded))
  }

  async read(_partition: number, ids: string[]): Promise<(StoredJob | null)[]> {
    this.#state.requireWhole()
    const now = this.#state.now()
    return ids.map((id) => this.#state.find(id, now))
  }

  list({ userId, status, after, offset, limit }: ListQuery): Promise<StoredJob[]> {
    const { indexes } = this.#state
    const end = after === null ? null : { ms: after.createdAtMs, id: after.id }
    return this.#expiry.readSwept(() => {
      const ids = indexes.of(userId, status).descending(end, offset, limit)
      return ids.map((id) => this.#state.find(id, -Infinity)).filter((stored) => stored !== null)
    })
  }

  count(of: { userId: string } | { status: string }): Promise<number> {
    const { indexes } = this.#state
    return this.#expiry.readSwept(() =>
      'userId' in of ? indexes.of(of.userId, null).size : (indexes.counts.get(of.status) ?? 0),
    )
  }

  async history(jobId: string, from: EventId | null, limit: number): Promise<HistoryPage> {
    const { log, states } = this.#state
    return log.back(from ?? states.get(jobId)?.lastEventId ?? null, limit)
  }

  isPosition({ sequence, key }: Position): boolean {
    return key === String(sequence)
  }

  async scan(_partition: number, after: Position, limit: number): Promise<ScanPage> {
    return this.#state.log.scan(after.sequence, limit)
  }

  async bounds(): Promise<LogBounds> {
    const { beginning, end } = this.#state.log
    return { oldest: [beginning], newest: [end] }
  }

  follow([after = START]: readonly Position[], deliver: Deliver, signal: AbortSignal): Promise<void> {
    const { log } = this.#state
    const scan = async (from: Position, limit: number): Promise<ScanPage> => log.scan(from.sequence, limit)
    return followByScan({ scan, growth: log.growth }, after, deliver, signal)
  }

  sweep(limit: number): Promise<number> {
    return this.#expiry.sweep(limit)
  }

  async lease(): Promise<boolean> {
    return true
  }

  stats(): Promise<BackendStats> {
    const { indexes, log } = this.#state
    return this.#expiry.readSwept(() => {
      const byStatus = new Map(indexes.counts)
      return {
        jobs: [...byStatus.values()].reduce((total, count) => total + count, 0),
        events: log.size,
        byStatus,
        oldestEventAt: log.firstAt,
        newestEventAt: log.size === 0 ? null : log.lastAt,
      }
    })
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

  positionBefore(partition: number, ms: number): Promise<Position> {
    return this.#compaction.positionBefore(partition, ms)
  }

  snapshot(partition: number, snapshots: readonly Snapshot[]): Promise<boolean[]> {
    return this.#compaction.snapshot(partition, snapshots)
  }

  trim(partition: number, through: Position, jobIds: readonly string[]): Promise<void> {
    return this.#compaction.trim(partition, through, jobIds)
  }

  adopt(partition: number, events: readonly AdoptedEvent[]): Promise<number> {
    return this.#compaction.adopt(partition, events)
  }

  isAdopting(): Promise<boolean> {
    return this.#compaction.isAdopting()
  }

  revive(endsAdoption: boolean): Promise<number> {
    return this.#compaction.revive(endsAdoption)
  }

  #applyOne(encoded: EncodedCommand): Outcome {
    const { command } = encoded
    const { states } = this.#state
    const [now, at] = [this.#state.now(), this.#state.eventMs()]
    const seen = this.#seen.find(command, encoded.digest, now)
    if (seen !== null) return seen

    const decision = decide(states.get(command.jobId) ?? null, command, now, at)
    if (decision.kind !== 'accepted') return decision
    const last = decision.drafts.length - 1
    for (const [index, draft] of decision.drafts.entries())
      this.#state.append(draft, at, index === last ? encoded : null)

    const state = states.get(command.jobId) as JobState
    this.#seen.remember(command, encoded.digest, state.version, now)
    return new Applied(state.version, command.kind === 'change' ? copyValue(state.job) : null)
  }
}
