import { setImmediate as nextTurn } from 'node:timers/promises'
import type {
  Backend,
  BackendStats,
  Batching,
  Deliver,
  EncodedCommand,
  HistoryPage,
  ListQuery,
  LogBounds,
  Outcome,
  Read,
  ScanPage,
  StoredJob,
  Task,
} from '../backend.ts'
import { START, type Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
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
import { SqliteAdoption } from './sqlite-adoption.ts'
import { SqliteArchive } from './sqlite-archive.ts'
import { SqliteCompaction } from './sqlite-compaction.ts'
import { SqliteFile, type FileOptions } from './sqlite-file.ts'
import { SqliteJobs } from './sqlite-jobs.ts'
import { SqliteLog } from './sqlite-log.ts'
import { SqliteMaintenance } from './sqlite-maintenance.ts'
import { WriteBatch } from './write-batch.ts'

/** What a backend on SQLite is made from. */
export interface SqliteBackendOptions extends Omit<FileOptions, 'epoch'> {
  /** The clock, in ms since 1970. */
  now: () => number
  /** Letters and digits, made at random: names this store among those that have one file open, and the file if it is new. */
  random: string
}

/**
 * How long this process may stand still without costing a call: it has that much more time than it waits for a lock, so
 * that what could not be tried in the meantime is tried once.
 */
const STANDSTILL_MS = 60_000

/** One server's store: a file that several processes may have open. */
export class SqliteBackend implements Backend {
  readonly kind = 'sqlite'
  readonly partitions = 1
  readonly outlines = null
  readonly batching: Batching
  readonly #file: SqliteFile
  readonly #now: () => number
  readonly #expiry: Expiry
  readonly #jobs: SqliteJobs
  readonly #log: SqliteLog
  readonly #maintenance: SqliteMaintenance
  readonly #compaction: SqliteCompaction
  readonly #adoption: SqliteAdoption
  /** What other stores have dropped from their logs. Open it first. */
  readonly archive: SqliteArchive
  readonly #name: string
  readonly #busyTimeoutMs: number
  /** Until when opening waits for a lock, or has waited. */
  #openDeadline = -Infinity
  #epoch = ''

  constructor({ now, random, ...file }: SqliteBackendOptions) {
    const { busyTimeoutMs } = file
    this.batching = { maxItems: 256, maxBytes: 1_048_576, concurrency: 1, maxWaitMs: busyTimeoutMs + STANDSTILL_MS }
    this.#file = new SqliteFile({ ...file, epoch: random })
    this.#now = now
    this.#name = random
    this.#busyTimeoutMs = busyTimeoutMs
    this.#expiry = new Expiry(this.#file, now)
    this.#jobs = new SqliteJobs(this.#file, this.#expiry)
    this.#log = new SqliteLog(this.#file)
    this.#maintenance = new SqliteMaintenance(this.#file)
    this.#compaction = new SqliteCompaction(this.#file, now)
    this.#adoption = new SqliteAdoption(this.#file)
    this.archive = new SqliteArchive(this.#file)
  }

  get epoch(): string {
    return this.#epoch
  }

  async open(): Promise<void> {
    const now = performance.now()
    // Calls that were queued behind one that waited in vain come next, one batch after the other, and are tried once each.
    if (now > this.#openDeadline + this.#busyTimeoutMs) this.#openDeadline = now + this.#busyTimeoutMs
    const deadline = this.#openDeadline
    await this.#file.open(deadline)
    this.#epoch = await this.#file.read(({ meta }) => meta.epoch, deadline)
    await this.#file.read(({ meta }) => meta.headOfWhole(), deadline)
  }

  async close(): Promise<void> {
    this.#file.close()
  }

  async apply(_partition: number, commands: EncodedCommand[], deadline: number): Promise<Outcome[]> {
    // A commit stands in the way of everything else in this process. The turn lets in what came meanwhile: timers,
    // sockets, and the commands that are to leave together next.
    await nextTurn()
    return this.#file.write((tables) => {
      const batch = new WriteBatch(tables, this.#now())
      const outcomes = commands.map((encoded) => batch.apply(encoded))
      batch.save()
      return outcomes
    }, deadline - STANDSTILL_MS)
  }

  read(_partition: number, ids: string[], deadline: number): Promise<Read[]> {
    return this.#jobs.read(ids, deadline - STANDSTILL_MS)
  }

  list(query: ListQuery): Promise<StoredJob[]> {
    return this.#jobs.list(query)
  }

  count(of: { userId: string } | { status: string }): Promise<number> {
    return this.#jobs.count(of)
  }

  history(jobId: string, from: EventId | null, limit: number): Promise<HistoryPage> {
    return this.#log.history(jobId, from, limit)
  }

  isPosition(position: Position): boolean {
    return this.#log.isPosition(position)
  }

  scan(_partition: number, after: Position, limit: number): Promise<ScanPage> {
    return this.#log.scan(after, limit)
  }

  bounds(): Promise<LogBounds> {
    return this.#log.bounds()
  }

  follow([after = START]: readonly Position[], deliver: Deliver, signal: AbortSignal): Promise<void> {
    return this.#log.follow(after, deliver, signal)
  }

  sweep(limit: number): Promise<number> {
    return this.#expiry.sweep(limit)
  }

  async lease(task: Task, forMs: number): Promise<boolean> {
    const now = this.#now()
    if (!(await this.#file.read(({ leases }) => leases.isFree(task, this.#name, now)))) return false
    return this.#file.write(({ leases }) => {
      const isFree = leases.isFree(task, this.#name, now)
      if (isFree && forMs > 0) leases.grant(task, this.#name, now, forMs)
      else leases.giveBack(task, this.#name)
      return isFree
    })
  }

  stats(): Promise<BackendStats> {
    return this.#jobs.stats()
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

  amendCounts(
    partition: number,
    byStatus: ReadonlyMap<string, number>,
    byUser: ReadonlyMap<string, number>,
  ): Promise<void> {
    return this.#maintenance.amendCounts(partition, byStatus, byUser)
  }

  positionBefore(_partition: number, ms: number): Promise<Position> {
    return this.#log.positionBefore(ms)
  }

  snapshot(_partition: number, snapshots: readonly Snapshot[]): Promise<boolean[]> {
    return this.#compaction.snapshot(snapshots)
  }

  trim(_partition: number, through: Position, jobIds: readonly string[]): Promise<void> {
    return this.#compaction.trim(through, jobIds)
  }

  adopt(_partition: number, events: readonly AdoptedEvent[]): Promise<number> {
    return this.#adoption.adopt(events)
  }

  isAdopting(): Promise<boolean> {
    return this.#adoption.isAdopting()
  }

  revive(endsAdoption: boolean): Promise<number> {
    return this.#adoption.revive(endsAdoption)
  }
}
