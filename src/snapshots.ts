import type { Position } from './core/cursor.ts'
import type { EventId } from './core/event.ts'
import type { StoredEvent } from './stored-event.ts'

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
    const { previous, standsFor } = event
    const before = previous === null ? null : (this.#hidden.get(previous) ?? previous)
    if (event.type === 'snapshotted' && standsFor !== null && !this.#isGone(standsFor)) {
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
  const event = eventId.split('-').map(Number).reverse()
  const end = position.key.split('-').map(Number).reverse()
  for (let index = end.length - 1; index >= 0; index--) {
    const difference = (event[index] ?? 0) - (end[index] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return true
}
