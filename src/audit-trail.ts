import type { Position } from './core/cursor.ts'
import type { EventId } from './core/event.ts'
import { isWhole } from './core/evolve.ts'
import type { AuditRequest } from './maintenance.ts'
import type { StoredEvent } from './stored-event.ts'
import { ThinTrail } from './thin-trail.ts'

/** Events that are looked up in one turn, over all jobs: some 10 ms, for which an embedded store stands still. */
const EVENTS_A_TURN = 2000

/** Finds an event by its id. null for one that the log does not hold, and for an id that is none. */
export type GetEvent = (id: EventId) => StoredEvent | null

/** One job's events on the way from its newest one back. */
interface Walk {
  jobId: string
  /** Takes its events. */
  trail: { push(event: StoredEvent): unknown }
  /** The next one to be taken; null at the end. */
  event: StoredEvent | null
}

/**
 * The events that audits are to give, for backends that find an event by its id: one for each call of audit(). Where each
 * job's walk begins is looked up at the instant of its audit; since events never change, a long walk may go on later.
 */
export class AuditTrail {
  readonly #through: Position
  #left = EVENTS_A_TURN
  #unfinished: Walk[] = []

  constructor(through: Position) {
    this.#through = through
  }

  /** Whether all events that were asked for are there. */
  get isComplete(): boolean {
    return this.#unfinished.length === 0
  }

  /**
   * @param lastEventId what the live state names; it may be anything
   * @returns a list that goOn() may add to
   */
  of({ jobId, eventId, isThin }: AuditRequest, lastEventId: EventId | null, get: GetEvent): StoredEvent[] {
    const events: StoredEvent[] = []
    const trail = isThin ? new ThinTrail(events, this.#through) : events
    const walk: Walk = { jobId, trail, event: newestOf(jobId, eventId, lastEventId, get) }
    if (!this.#advance(walk, get)) this.#unfinished.push(walk)
    return events
  }

  /** Takes one turn's worth more. */
  goOn(get: GetEvent): void {
    this.#left = EVENTS_A_TURN
    this.#unfinished = this.#unfinished.filter((walk) => !this.#advance(walk, get))
  }

  /** @returns whether the walk is at its end */
  #advance(walk: Walk, get: GetEvent): boolean {
    while (walk.event !== null && walk.event.jobId === walk.jobId) {
      if (this.#left === 0) return false
      this.#left--
      const { event } = walk
      walk.trail.push(event)
      if (isWhole(event) && event.position.sequence <= this.#through.sequence) break
      walk.event = event.previous === null ? null : get(event.previous)
    }
    return true
  }
}

/** The live state may name an older event than the log's newest, another job's, or none: then it is wrong. */
function newestOf(
  jobId: string,
  requested: EventId | null,
  lastEventId: EventId | null,
  get: GetEvent,
): StoredEvent | null {
  const last = lastEventId === null ? null : get(lastEventId)
  const own = last?.jobId === jobId ? last : null
  if (requested === null || requested === own?.id) return own
  const known = get(requested)
  if (known === null || own === null) return known ?? own
  return own.position.sequence > known.position.sequence ? own : known
}
