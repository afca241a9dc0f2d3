import type { Command } from './core/command.ts'
import type { PageKey, Position } from './core/cursor.ts'
import type { Refusal } from './core/decide.ts'
import type { ProjectionLostError } from './core/errors.ts'
import type { EventId } from './core/event.ts'
import type { JobCore } from './core/job.ts'
import type { Maintenance } from './maintenance.ts'
import type { StoredEvent } from './stored-event.ts'

/**
 * What a backend must do. store.ts is its only caller; the verbs that users see, their checks and their errors are
 * written there, once.
 *
 * For who writes one: the log is the truth. Whatever you keep beside it must equal, at every instant, the fold of the
 * log by core/evolve; core/decide says which events a command becomes. What you hand out belongs to the caller: never
 * share an object that you keep. Fail with StoreUnavailableError when you can't answer, never with a driver's error.
 * Then run the suites of test/contract with your backend: they are the definition of done.
 */
export interface Backend extends Maintenance {
  readonly kind: 'memory' | 'sqlite' | 'redis'
  /** Parts of the log with an order of their own; a job's events are all in partitionOf(jobId, partitions). */
  readonly partitions: number
  /** Letters and digits, made at random when the store was first used: tells its cursors from others'. Known once open. */
  readonly epoch: string
  /** How the store may gather commands and reads for one partition into one call. */
  readonly batching: Batching

  /** Called once, at first: how the state is made of the log again, for a backend that may find that it must be. */
  mendWith?(rebuild: Rebuild): void
  /** Has what a crash left of the log put right, and the state made of it. @returns whether there was anything */
  mend?(): Promise<boolean>
  /** Connects, and makes or checks the store. Called before anything else; again after it failed. */
  open(): Promise<void>
  /** Frees everything, and is idempotent; cuts off calls that are under way. None follows. */
  close(): Promise<void>

  /**
   * Applies commands on jobs of one partition in their order, each by itself: one may be refused and the next applied.
   * A command is applied with its event in the log, its job, and all indexes and counts, or not at all. Calls that
   * overlap are applied in the order in which they were made.
   * @param deadline by performance.now(): fail by then; Infinity if batching.maxWaitMs is
   * @returns an outcome for each command, in order
   */
  apply(partition: number, commands: EncodedCommand[], deadline: number): Promise<Outcome[]>
  /** The jobs of one partition as they are now. */
  read(partition: number, ids: string[], deadline: number): Promise<Read[]>
  /**
   * A user's jobs, newest createdAt first, equal ones by the bytes of their ids, descending. Sweeps first, if it can. Fewer than
   * `limit` only where there are no more: whoever asks goes on after the last one until then.
   */
  list(query: ListQuery): Promise<StoredJob[]>
  /** How many jobs a user has, or have a status, exactly, at this moment. Sweeps first, if it can. */
  count(of: { userId: string } | { status: string }): Promise<number>

  /**
   * One job's events, newest first, by their back-pointers: costs nothing for other jobs' events.
   * @param from start at this event; null: at the job's newest
   */
  history(jobId: string, from: EventId | null, limit: number): Promise<HistoryPage>
  /**
   * Whether a position of a cursor may be one of this store's events: its key has the form that your keys have. Asked before
   * any call, since a cursor comes from outside: answer without one. Whether the event is there, scan() says. Never asked
   * of one whose key is '0'.
   */
  isPosition(position: Position): boolean
  /** One partition's events after a position, oldest first. Looks the position itself up: it may be gone. */
  scan(partition: number, after: Position, limit: number): Promise<ScanPage>
  /** Where the log begins and ends now. */
  bounds(): Promise<LogBounds>
  /**
   * Hands over each partition's events after a position, one after the other, as soon as they are in the log, whoever wrote
   * them; over lost connections and restarts, from the last one handed over. One call is under way at a time, for all
   * readers of a store: what it needs (a connection, a timer) must not depend on their number.
   * @param after a position for each partition
   * @param deliver never waits, and keeps what it is given
   * @param signal ends it, and frees all that it needs
   * @returns when the signal aborts, or a position can't be gone on from: scan() says why, which a caller asks next
   * @throws StoreUnavailableError only for what no waiting mends
   */
  follow(after: readonly Position[], deliver: Deliver, signal: AbortSignal): Promise<void>

  /** Removes up to `limit` jobs whose time has come, each with one `expired` event. @returns how many */
  sweep(limit: number): Promise<number>
  /**
   * Whether this store is the one to do a task for the next `forMs`: true for one store at a time, and again for the one
   * that has it; 0 gives it back.
   */
  lease(task: Task, forMs: number): Promise<boolean>
  stats(): Promise<BackendStats>
}

/** What one store of many does at a time. */
export type Task = 'sweep' | 'rebuild' | 'compact'

/** Limits of one gathered call. */
export interface Batching {
  maxItems: number
  /** Payload of one call, in bytes; a single larger command still goes, alone. */
  maxBytes: number
  /** Calls to one partition that may be under way at once. */
  concurrency: number
  /** Milliseconds from a call to its end, at the latest, waiting for its turn included. Infinity where the backend can't be away. */
  maxWaitMs: number
}

/** A live job with where it stands. */
export interface StoredJob {
  job: JobCore
  version: number
  lastEventId: EventId
}

/**
 * A command with its payload as the log will hold it. Backends store the bytes and never look inside. A class, as Applied
 * says.
 */
export class EncodedCommand {
  static readonly shape: EncodedCommand = new EncodedCommand(null as unknown as Command, Buffer.alloc(0), null, null)

  readonly command: Command
  /** The msgpack map of the fields set, in the order of command.set; for create without id and userId, which the event names anyway. */
  readonly data: Buffer
  readonly meta: Buffer | null
  /** Of what the command does, the same for the same content in any order of fields; null without a commandId. */
  readonly digest: string | null

  constructor(command: Command, data: Buffer, meta: Buffer | null, digest: string | null) {
    this.command = command
    this.data = data
    this.meta = meta
    this.digest = digest
  }
}

/**
 * A command that is in the log.
 *
 * A class, not a literal, as is all that each command makes and that refers to what is large: V8 learns from a literal's
 * first collections, when all of them are still under way, to put them into old space from then on. There each one keeps
 * what it refers to alive until a full collection: a quarter of the client's time. One is kept as `shape`, since V8 forgets
 * a class's shape, and the code optimized for it, when a full collection finds none of it.
 */
export class Applied {
  static readonly shape: Applied = new Applied(0, null)

  readonly kind = 'applied'
  readonly version: number
  /** The job just after it, for a change; null after create and delete. */
  readonly job: JobCore | null

  constructor(version: number, job: JobCore | null) {
    this.version = version
    this.job = job
  }
}

/** A job that was read; null for none, or one whose time has come; why this one alone can't be read. */
export type Read = StoredJob | null | ProjectionLostError

/** Makes the state of the log again, once no other store does: unless it is not needed any more by then. */
export type Rebuild = (isNeeded: () => Promise<boolean>) => Promise<void>

/** What became of one command. Only what is in the log is 'applied'. */
export type Outcome =
  | Applied
  /** The job has seen this commandId with this content: it was applied as this version then, and not again now. */
  | { kind: 'repeated'; version: number }
  | { kind: 'commandReused' }
  /** The state is there but is not what scripts write: somebody else did. Nothing was written. */
  | { kind: 'unreadable'; what: string }
  /** This one alone could not be applied. */
  | { kind: 'failed'; error: Error }
  | Refusal

/** Which of a user's jobs. */
export interface ListQuery {
  userId: string
  status: string | null
  limit: number
  offset: number
  /** Only what comes after this place; then offset is 0. */
  after: PageKey | null
}

export interface HistoryPage {
  /** Newest first. */
  events: StoredEvent[]
  /** Where the next page starts; null at the job's first event. */
  next: EventId | null
  /** The events from `next` on have been compacted away: this page is the last. */
  isTruncated: boolean
}

export type ScanPage =
  | { kind: 'events'; events: StoredEvent[] }
  /** Events after the position were compacted away. */
  | { kind: 'gap' }
  /** The log ends before the position: the server lost events. */
  | { kind: 'rewound' }

/** Takes events of one partition, in their order. */
export type Deliver = (partition: number, events: readonly StoredEvent[]) => void

export interface LogBounds {
  /** Just before each partition's oldest event. */
  oldest: readonly Position[]
  /** Just after each partition's newest event. */
  newest: readonly Position[]
}

export interface BackendStats {
  jobs: number
  events: number
  /** Statuses that no job has may be missing. */
  byStatus: Map<string, number>
  oldestEventAt: number | null
  newestEventAt: number | null
}
