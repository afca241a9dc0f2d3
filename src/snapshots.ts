import { decodeValue, encodeValue } from './codec.ts'
import type { Position } from './core/cursor.ts'
import type { EventId } from './core/event.ts'
import type { JobFields } from './core/job.ts'
import type { StoredEvent } from './stored-event.ts'

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

/** null for an event that is no snapshot, or one that was read from an archive. */
function markOf(event: StoredEvent): SnapshotMark | null {
  return event.type === 'snapshotted' && event.meta !== null ? (decodeValue(event.meta) as SnapshotMark) : null
}

/** When the job came to be as the snapshot has it: at the event before it, which may be gone. */
export function sinceOf(event: StoredEvent): Date {
  return markOf(event)?.since ?? new Date(event.at)
}

/** The job at the cut, if the snapshot knows it. */
export function baseOf(event: StoredEvent): SnapshotBase | null {
  return markOf(event)?.base ?? null
}

/**
 * Leaves out the snapshots that readers have no need of: those that stand for events which are still there. Events go in
 * by their order; one whose `previous` is a snapshot that was left out gets the event before that instead.
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

/** Whether an event is at or before a position of its partition. Ids and keys are numbers with hyphens; the last count. */
export function isUpTo(eventId: EventId, position: Position): boolean {
  if (position.sequence === 0) return false
  const event = eventId.split('-').map(Number).reverse()
  const end = position.key.split('-').map(Number).reverse()
  for (let index = end.length - 1; index >= 0; index--) {
    const difference = (event[index] ?? 0) - (end[index] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return true
}
