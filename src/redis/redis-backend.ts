import { randomBytes } from 'node:crypto'
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
  Rebuild,
  ScanPage,
  StoredJob,
  Task,
} from '../backend.ts'
import type { Position } from '../core/cursor.ts'
import { StoreMismatchError } from '../core/errors.ts'
import type { EventId } from '../core/event.ts'
import { partitionOf } from '../core/order.ts'
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
import type { Outlines } from '../outlines.ts'
import { Caller } from './caller.ts'
import { clientOf, type RedisTarget } from './client.ts'
import { Durability } from './durability.ts'
import { followLogs } from './follow/follow-logs.ts'
import { keysOf } from './keys.ts'
import { Link } from './link.ts'
import { Lists } from './lists.ts'
import type { MaintenanceParts } from './maintenance/maintenance-parts.ts'
import { Mending } from './maintenance/mending.ts'
import { PartitionMaintenance } from './maintenance/partition-maintenance.ts'
import { PartitionMending } from './maintenance/partition-mending.ts'
import { withinDeadline } from './maintenance/within-deadline.ts'
import { NearCache } from './near-cache.ts'
import { Partition } from './partition.ts'
import type { Run } from './scripts.ts'
import type { RedisSettings } from './settings.ts'
import { StartCheck } from './start-check.ts'
import { statsOf } from './stats.ts'
import { KeyScanner } from './store-keys.ts'
import { isStreamId } from './stream-id.ts'
import { Writer } from './writer.ts'

/** The store in Redis: a log and a live state for each partition, changed together by one script call a batch. */
export class RedisBackend implements Backend {
  readonly kind = 'redis'
  readonly partitions: number
  readonly batching: Batching
  readonly outlines: Outlines = {
    scan: (partition, after) => this.#maintained(partition).outlines.scan(after),
    check: (partition, outlines) => this.#maintained(partition).outlines.check(outlines),
    restore: (partition, outlines) => this.#maintained(partition).outlines.restore(outlines),
  }
  epoch = ''
  readonly #settings: RedisSettings
  readonly #caller: Caller
  readonly #link: Link
  readonly #startCheck: StartCheck
  readonly #parts: Partition[]
  readonly #lists: Lists
  readonly #maintenance: PartitionMaintenance[]
  readonly #mending: Mending
  /** Names this store when it asks for a lease. */
  readonly #name = randomBytes(9).toString('base64url')

  /** @param target a client of the caller's, never closed here, or what to make one of */
  constructor(target: RedisTarget | undefined, settings: (isCluster: boolean) => RedisSettings) {
    const client = clientOf(target)
    this.#settings = settings(client.isCluster)
    const { partitions, retryForMs, durability, onWarning } = this.#settings
    this.partitions = partitions
    this.batching = { maxItems: 128, maxBytes: 262_144, concurrency: 2, maxWaitMs: retryForMs }
    this.#caller = new Caller(client, retryForMs)
    this.#link = new Link(this.#caller)
    const cache = new NearCache()
    this.#parts = Array.from({ length: partitions }, (_, index) => this.#makePartition(index, cache))
    this.#lists = new Lists(this.#parts)
    const maintained = this.#parts.map((part, index) => this.#partsOf(index, part))
    this.#maintenance = maintained.map((parts) => new PartitionMaintenance(parts))
    this.#mending = new Mending(maintained.map((parts, index) => new PartitionMending(parts, this.#maintained(index))))
    const keys = this.#parts.map((_, index) => keysOf(this.#settings.prefix, index))
    this.#startCheck = new StartCheck({ caller: this.#caller, keys, isDurable: durability !== null, onWarning })
  }

  async open(): Promise<void> {
    const isTorn = await this.#openPartitions()
    if (isTorn) await withinDeadline(this.#mending.mendForReads(), this.#caller.deadline(), 'rejected')
  }

  mendWith(rebuild: Rebuild): void {
    this.#mending.rebuildWith(rebuild)
  }

  mend(): Promise<boolean> {
    return this.#mending.mendIfTorn()
  }

  close(): Promise<void> {
    return this.#caller.close()
  }

  apply(partition: number, commands: EncodedCommand[], deadline: number): Promise<Outcome[]> {
    return this.#part(partition).apply(commands, deadline)
  }

  read(partition: number, ids: string[], deadline: number): Promise<Read[]> {
    return this.#part(partition).read(ids, deadline)
  }

  list(query: ListQuery): Promise<StoredJob[]> {
    return this.#lists.list(query)
  }

  async count(of: { userId: string } | { status: string }): Promise<number> {
    const counts = await Promise.all(
      this.#parts.map((part) => ('userId' in of ? part.count('user', of.userId) : part.count('status', of.status))),
    )
    return counts.reduce((sum, [count]) => sum + Number(count), 0)
  }

  history(jobId: string, from: EventId | null, limit: number): Promise<HistoryPage> {
    return this.#part(partitionOf(jobId, this.partitions)).history(jobId, from, limit)
  }

  isPosition({ key }: Position): boolean {
    return isStreamId(key)
  }

  scan(partition: number, after: Position, limit: number): Promise<ScanPage> {
    return this.#part(partition).scan(after, limit)
  }

  async bounds(): Promise<LogBounds> {
    const bounds = await Promise.all(this.#parts.map((part) => part.bounds()))
    return { oldest: bounds.map(({ oldest }) => oldest), newest: bounds.map(({ newest }) => newest) }
  }

  follow(after: readonly Position[], deliver: Deliver, signal: AbortSignal): Promise<void> {
    const { prefix } = this.#settings
    const logs = this.#parts.map((_, index) => ({ index, keys: keysOf(prefix, index) }))
    const following = { client: this.#caller.client, logs, epoch: this.epoch, reopen: () => this.#reopen() }
    return followLogs(following, after, deliver, signal)
  }

  async sweep(limit: number): Promise<number> {
    let removed = 0
    for (const part of this.#parts) if (removed < limit) removed += await part.sweep(limit - removed)
    return removed
  }

  lease(task: Task, forMs: number): Promise<boolean> {
    return this.#maintained(0).lease(task, this.#name, forMs)
  }

  async stats(): Promise<BackendStats> {
    return statsOf(await Promise.all(this.#parts.map((part) => part.count('all', ''))))
  }

  census(partition: number): Promise<Census> {
    return this.#maintained(partition).census()
  }

  scanHeads(partition: number, after: Position, limit: number): Promise<EventHead[]> {
    return this.#maintained(partition).scanHeads(after, limit)
  }

  audit(partition: number, jobs: readonly AuditRequest[], through: Position): Promise<Audit[]> {
    return this.#maintained(partition).audit(jobs, through)
  }

  reconcile(partition: number, targets: readonly Target[]): Promise<boolean[]> {
    return this.#maintained(partition).reconcile(targets)
  }

  leftovers(partition: number, isRight: (kept: Leftover) => boolean): AsyncIterable<Leftover> {
    return this.#maintained(partition).leftovers.find(isRight)
  }

  removeLeftovers(partition: number, leftovers: readonly Leftover[]): Promise<number> {
    return this.#maintained(partition).leftovers.remove(leftovers)
  }

  amendCounts(partition: number, byStatus: ReadonlyMap<string, number>): Promise<void> {
    return this.#maintained(partition).amendCounts(byStatus)
  }

  async isAdopting(): Promise<boolean> {
    return (await Promise.all(this.#maintenance.map((one) => one.isAdopting()))).includes(true)
  }

  /** The epoch of a partition that still has one goes for all; if none has, cursors from before are another store's. */
  async revive(endsAdoption: boolean): Promise<number> {
    const epochs = await Promise.all(this.#maintenance.map((one) => one.epoch()))
    const epoch = epochs.find((found) => found !== null) ?? randomBytes(8).toString('hex')
    const revivals = this.#maintenance.map((one) => one.revive(this.partitions, epoch, endsAdoption))
    const wrong = await Promise.all(revivals)
    return wrong.reduce((sum, count) => sum + count, 0)
  }

  positionBefore(partition: number, ms: number): Promise<Position> {
    return this.#maintained(partition).compaction.positionBefore(ms)
  }

  snapshot(partition: number, snapshots: readonly Snapshot[]): Promise<boolean[]> {
    return this.#maintained(partition).compaction.snapshot(snapshots)
  }

  trim(partition: number, through: Position, jobIds: readonly string[]): Promise<void> {
    return this.#maintained(partition).compaction.trim(through, jobIds)
  }

  adopt(partition: number, events: readonly AdoptedEvent[]): Promise<number> {
    return this.#maintained(partition).compaction.adopt(events)
  }

  /** Makes or checks all partitions, which must be of one store. @returns whether the log of any is to be mended */
  async #openPartitions(): Promise<boolean> {
    await this.#link.open()
    await this.#startCheck.run()
    const { prefix } = this.#settings
    const ofNew = randomBytes(8).toString('hex')
    const first = await this.#link.openPartition(keysOf(prefix, 0).meta, this.partitions, ofNew)
    this.epoch = first.epoch
    const others = this.#parts.slice(1).map(async (_, index) => {
      const found = await this.#link.openPartition(keysOf(prefix, index + 1).meta, this.partitions, this.epoch)
      if (found.epoch !== this.epoch)
        throw StoreMismatchError.of(`in partition ${index + 1} the epoch`, this.epoch, found.epoch)
      return found
    })
    return [first, ...(await Promise.all(others))].some(({ isTorn }) => isTorn)
  }

  async #reopen(): Promise<void> {
    await this.#openPartitions()
  }

  /** After a reply's tag. A walk over the log may be what met it, and holds what mending waits for: so mending is for later. */
  async #recover(tag: string, run: Run): Promise<void> {
    if (tag !== 'TORN') await this.#reopen()
    else if (run === 'read') await this.#mending.mendForReads()
    else await this.#mending.mend()
  }

  #maintained(partition: number): PartitionMaintenance {
    return this.#maintenance[partition] as PartitionMaintenance
  }

  #partsOf(index: number, partition: Partition): MaintenanceParts {
    const { prefix, inlineBytes } = this.#settings
    const scanner = new KeyScanner(this.#caller)
    return { index, keys: keysOf(prefix, index), partition, inlineBytes, link: this.#link, scanner }
  }

  #part(partition: number): Partition {
    return this.#parts[partition] as Partition
  }

  #makePartition(index: number, cache: NearCache): Partition {
    const { prefix, inlineBytes, durability, onWritesLost } = this.#settings
    return new Partition({
      index,
      keys: keysOf(prefix, index),
      link: this.#link,
      cache,
      writer: new Writer((batches) => onWritesLost({ partition: index, batches })),
      durability: durability === null ? null : new Durability(durability, this.#caller),
      inlineBytes,
      recover: (tag, run) => this.#recover(tag, run),
    })
  }
}
