import { decodeValue, encodeValue } from '../codec.ts'
import type { Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import { evolve, isWhole, type JobState } from '../core/evolve.ts'
import type { JobFields } from '../core/job.ts'
import { comparePlaces } from '../core/order.ts'
import type { StoredEvent } from '../stored-event.ts'

/** What a snapshot keeps beside the job's state, in place of an event's meta. */
export interface SnapshotMark {
  /** The oldest event that it stands for; null if that was gone before, in another log. */
  standsFor: EventId | null
  /** When the job came to be as the snapshot has it; null if nobody knows. */
  since: Date | null
  /** The job as it was at the cut, if events came after that: from there on its history is still told. */
  base: SnapshotBase | null
}

/** A job at the cut of a compaction. */
export interface SnapshotBase {
  version: number
  eventId: EventId
  /** When it came to be so. */
  at: Date
  userId: string
  /** All fields but id and userId. */
  fields: JobFields
}

export function encodeMark(mark: SnapshotMark): Buffer {
  return encodeValue(mark)
}

/** null for an event that is no snapshot, or one that came without a mark. */
function markOf(event: StoredEvent): SnapshotMark | null {
  return event.type === 'snapshotted' && event.meta !== null ? (decodeValue(event.meta) as SnapshotMark) : null
}

/**
 * What another log's snapshot tells of itself in this one: the event that it stands for stays behind, and the names of
 * events with it.
 * @param meta what it has in the place of a meta; null if it comes without
 */
export function movedMark(meta: object | null): SnapshotMark {
  const { since = null, base = null } = (meta ?? {}) as Partial<SnapshotMark>
  return { standsFor: null, since, base: base === null ? null : { ...base, eventId: '' } }
}

/**
 * Whether a job began with an event, so that there was nothing before it. In a log that was moved after a compaction, the
 * first event of a job that is left has no `previous` either.
 */
export function isBeginning({ previous, version, type }: Linked): boolean {
  return previous === null && version === 1 && type !== 'snapshotted'
}

/** When a job came to be as an event has it, in ms: a snapshot changes nothing, so it was so before. */
export function timeOf(event: StoredEvent): number {
  return markOf(event)?.since?.getTime() ?? event.at
}

/**
 * The job as it was just before an event, if one of the snapshots after that knows it: then it was at the cut of the
 * snapshot's compaction.
 */
export function baseBefore(event: StoredEvent, snapshots: readonly StoredEvent[]): SnapshotBase | null {
  for (const snapshot of snapshots) {
    const base = markOf(snapshot)?.base ?? null
    if (base !== null && base.version === event.version - 1) return base
  }
  return null
}

/** The job at the cut of a compaction, to be folded on. */
export function stateOfBase(jobId: string, { version, eventId, userId, fields }: SnapshotBase): JobState {
  return evolve(null, { id: eventId, type: 'snapshotted', jobId, userId, version, data: fields, removed: [] })
}

/** Which snapshots readers see. */
export interface SnapshotView {
  /** Events go in by their order. @returns the event as readers see it, or null if they don't */
  see(event: StoredEvent): StoredEvent | null
}

/**
 * Leaves out, in one partition's log, the snapshots that readers have no need of: those that stand for events which are
 * still there. Events go in by their order; one whose `previous` is a snapshot that was left out gets the event before
 * that instead.
 */
export class SnapshotFilter {
  readonly #isGone: (eventId: EventId) => boolean
  /** Snapshots left out, by id, with the event before each. */
  readonly #hidden = new Map<EventId, EventId | null>()

  /** @param isGone whether an event can't be read any more */
  constructor(isGone: (eventId: EventId) => boolean) {
    this.#isGone = isGone
  }

  /** @returns the event as readers see it, or null if they don't */
  see(event: StoredEvent): StoredEvent | null {
    const { previous } = event
    const before = previous === null ? null : (this.#hidden.get(previous) ?? previous)
    const standsFor = event.type === 'snapshotted' ? (markOf(event) ?? { standsFor: before }).standsFor : null
    if (standsFor !== null && !this.#isGone(standsFor)) {
      this.#hidden.set(event.id, before)
      return null
    }
    if (before === previous) return event
    this.#hidden.delete(previous as EventId)
    return { ...event, previous: before }
  }
}

/** Leaves out every snapshot of a log: what it stands for has happened before. */
export class WithoutSnapshots {
  /** Snapshots left out whose job has had no event since, by id, with the event before each. */
  readonly #hidden = new Map<EventId, EventId | null>()

  /** @returns the event, whose `previous` is no snapshot that came by here, or null for a snapshot */
  see(event: StoredEvent): StoredEvent | null {
    const { id, type, previous } = event
    const before = previous === null ? null : this.#take(previous)
    if (type !== 'snapshotted') return before === previous ? event : { ...event, previous: before }
    this.#hidden.set(id, before)
    return null
  }

  /** Each event is named by one other, so that a snapshot can be forgotten once it was. */
  #take(previous: EventId): EventId | null {
    const before = this.#hidden.get(previous)
    this.#hidden.delete(previous)
    return before === undefined ? previous : before
  }
}

/** What of an event its place among its job's events depends on. */
type Linked = Pick<StoredEvent, 'id' | 'type' | 'version' | 'previous'>

/**
 * The same for one job's events, which need not say what they stand for: a snapshot is left out if its state follows from
 * the events before it. That is so from one that stands for the whole job on, for as long as no version is missing.
 */
export class SnapshotsOfJob {
  /** The version whose state follows from the events so far; null if none does. */
  #known: number | null = null
  #hidden: { id: EventId; before: EventId | null } | null = null

  /** @returns the event as readers see it, or null if they don't */
  see<E extends Linked>(event: E): E | null {
    const { id, type, version } = event
    const previous = this.#hidden !== null && event.previous === this.#hidden.id ? this.#hidden.before : event.previous
    if (type === 'snapshotted' && version === this.#known) {
      this.#hidden = { id, before: previous }
      return null
    }
    const follows = this.#known !== null && version === this.#known + 1
    this.#known = follows || isWhole(event) ? version : null
    return previous === event.previous ? event : { ...event, previous }
  }
}

/** Whether an event is at or before a position of its partition. Ids and keys are numbers with hyphens; the last count. */
export function isUpTo(eventId: EventId, position: Position): boolean {
  // The key of the beginning has fewer numbers than others: it would be held against the wrong ones.
  return position.sequence !== 0 && comparePlaces(eventId, position.key) <= 0
}
