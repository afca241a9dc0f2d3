import type { Position } from './core/cursor.ts'
import type { EventId } from './core/event.ts'
import type { JobState } from './core/evolve.ts'
import type { JobFields } from './core/job.ts'
import type { Outlines } from './outlines.ts'
import type { Place } from './place.ts'
import type { StoredEvent } from './stored-event.ts'

/**
 * What the projector needs of a backend: to hold the live state against the log (verify), to put it right (rebuild), to
 * shorten the log (compact), and to take another store's log over (migrate, import). src/projector.ts and its neighbours
 * are the only callers; what drift is, and which jobs need a snapshot, is decided there, once.
 *
 * For who writes a backend: each call looks at, or changes, each job at one instant, whatever writers do meanwhile, and
 * holds nobody up for long. Nothing here may need memory for more than the call's own items.
 */
export interface Maintenance {
  /** How most jobs are seen to be right at little cost; null where auditing each costs no more. */
  readonly outlines: Outlines | null

  /** The counts and the log's end, at one instant. Sweeps nothing. */
  census(partition: number): Promise<Census>
  /** What the events after a position are about, oldest first; fewer than `limit` only at the log's end. */
  scanHeads(partition: number, after: Position, limit: number): Promise<EventHead[]>
  /**
   * What the live state has of some jobs, and what the log says of them, each job at one instant.
   * @param through the log's end by the census: the events given go back to one that stands for the whole job, at or before it
   */
  audit(partition: number, jobs: readonly AuditRequest[], through: Position): Promise<Audit[]>
  /**
   * Makes a job's live state, its index entries included (but no counts), what the log says, if its newest event is still
   * the one that the audit saw in the live state. Running it twice is the same as once.
   * @returns for each: true if it is done, false if the job has gone on: audit it again
   */
  reconcile(partition: number, targets: readonly Target[]): Promise<boolean[]>
  /**
   * What is kept and does not fit the live jobs at the instant that it is looked at: index entries where no live job
   * belongs, jobs whose newest event the log does not hold (but ended ones whose events were compacted away), and whatever
   * else lies in the store's place and is not the store's.
   * @param isRight whether something was seen to be right already, and need not be looked at: a job, whose index entries
   *   are looked at all the same, or an entry
   */
  leftovers(partition: number, isRight: (kept: Leftover) => boolean): AsyncIterable<Leftover>
  /** Removes leftovers that still are some; a job with its index entries. @returns how many */
  removeLeftovers(partition: number, leftovers: readonly Leftover[]): Promise<number>
  /** Adds these differences to the counts. */
  amendCounts(
    partition: number,
    byStatus: ReadonlyMap<string, number>,
    byUser: ReadonlyMap<string, number>,
  ): Promise<void>
  /**
   * The last step of a rebuild: puts right where the live state has it that the log ends, and lets a store take commands
   * again whose state was lost (open() failed with ProjectionLostError; all of the above works all the same).
   * @param endsAdoption whether all events of another log that adopt() was to take over are there
   * @returns how many things were wrong
   * @throws ProjectionLostError if they are not
   */
  revive(endsAdoption: boolean): Promise<number>

  /** Where the last event before a time is; where the log begins if there is none. */
  positionBefore(partition: number, ms: number): Promise<Position>
  /**
   * Appends a `snapshotted` event for each job that is still at the version and event given, and makes its live state stand on
   * that alone. Its version stays. Due jobs too: they are there until they are swept.
   * @returns for each: true if it is done, false if the job has gone on
   */
  snapshot(partition: number, snapshots: readonly Snapshot[]): Promise<boolean[]>
  /**
   * Drops the events up to a position, moves the mark to where the log begins, and drops what is kept of those of these
   * jobs that have ended and whose newest event goes: all at one instant. At most a page of events a call.
   */
  trim(partition: number, through: Position, jobIds: readonly string[]): Promise<void>
  /**
   * Appends events of another log, in their order, as they are: version, time, user, meta. Of the live state only each
   * job's version and newest event are kept; rebuild() makes the rest. An event whose version the job has already is left
   * out, so that an import can be run again. From the first call on, which may come without events, an empty partition
   * takes no commands until revive(true).
   * @returns how many were appended
   * @throws StoreMismatchError if the store has taken commands of its own
   */
  adopt(partition: number, events: readonly AdoptedEvent[]): Promise<number>
  /** Whether another log's events are being taken over: begun, and not ended by revive(true). */
  isAdopting(): Promise<boolean>
}

/** A job's whole state, for the log to stand on. */
export interface Snapshot {
  jobId: string
  /** What the job must be at still: its version, and its newest event, since a server may lose one and take another. */
  version: number
  eventId: EventId
  userId: string
  /** All fields but id and userId, checked, and the same as a msgpack map in the same order. */
  set: JobFields
  data: Buffer
  /** What the event is to have for its meta. */
  meta: Buffer
}

/** An event of another log, without its ids and links, which are that log's own. */
export type AdoptedEvent = Pick<
  StoredEvent,
  'type' | 'jobId' | 'userId' | 'version' | 'at' | 'removed' | 'meta' | 'data'
>

/** How many jobs there are, and where the log ended then. */
export interface Census {
  end: Position
  /** Where the live state has it that the log ends: what the next event's number comes from. */
  endKept: Position
  byStatus: ReadonlyMap<string, number>
  /** null if the backend keeps no counts of users, but counts its index entries. */
  byUser: ReadonlyMap<string, number> | null
}

/** An event without what it says. */
export interface EventHead {
  id: EventId
  position: Position
  jobId: string
  isSnapshot: boolean
}

/** A job to be looked at. */
export interface AuditRequest {
  jobId: string
  /** Its newest event by the log, as far as the log was scanned; null if none was seen. */
  eventId: EventId | null
  /** Where to look for its index entries; null: where the live state says that it belongs. */
  place: Place | null
  /** Whether events of which nothing is left (src/thin-trail.ts) may be left out. */
  isThin: boolean
}

/** What was found of one job. */
export interface Audit {
  jobId: string
  live: LiveState | null
  /**
   * Newest first: from the live state's newest event, or the requested one if the live state names none of this job that
   * is newer, back to the first `created`, `snapshotted`, `deleted` or `expired` that is at or before `through`.
   */
  events: StoredEvent[]
  /** By index: createdAt, createdAt and expiresAt in ms; null where there is no entry. */
  entries: { user: number | null; userStatus: number | null; expiry: number | null }
}

/** What the live state says of a job, however wrong it may be. */
export interface LiveState {
  version: number | null
  lastEventId: EventId | null
  /** null for one that has ended. Fields that can't be read are missing. */
  job: JobFields | null
}

/** What a job's live state is to be. */
export interface Target {
  jobId: string
  /** lastEventId of the audit's live state; null if it had none. */
  seen: EventId | null
  /** The fold of the events; null if the log has none of this job: nothing is to be there. */
  state: JobState | null
  /** What it was folded from, oldest first. */
  events: readonly StoredEvent[]
}

/** Something that is kept and should not be. */
export type Leftover =
  | { kind: 'job'; jobId: string }
  | { kind: 'userIndex'; jobId: string; userId: string }
  | { kind: 'statusIndex'; jobId: string; userId: string; status: string }
  | { kind: 'expiryIndex'; jobId: string }
  /** A key, row or file that is not the store's; `name` is the backend's. */
  | { kind: 'foreign'; name: string }
