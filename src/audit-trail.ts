import type { Position } from './core/cursor.ts'
import type { EventId } from './core/event.ts'
import { isWhole } from './core/evolve.ts'
import type { Audit, AuditRequest } from './maintenance.ts'
import type { StoredEvent } from './stored-event.ts'

/** Events that one call of audit() gives, over all its jobs: some 10 ms, for which an embedded store stands still. */
const EVENTS_A_CALL = 2000

/**
 * The events that audits are to give, for backends that find an event by its id: one for each call of audit(). What is
 * too much for the call is left to history().
 */
export class AuditTrail {
  readonly #get: (id: EventId) => StoredEvent | null
  readonly #through: Position
  #left = EVENTS_A_CALL

  /** @param get null for an event that the log does not hold, and for an id that is none */
  constructor(get: (id: EventId) => StoredEvent | null, through: Position) {
    this.#get = get
    this.#through = through
  }

  /** @param lastEventId what the live state names; it may be anything */
  of({ jobId, eventId }: AuditRequest, lastEventId: EventId | null): Pick<Audit, 'events' | 'next'> {
    const events: StoredEvent[] = []
    let event = this.#newest(jobId, eventId, lastEventId)
    while (event !== null && event.jobId === jobId) {
      if (this.#left === 0) return { events, next: event.id }
      events.push(event)
      this.#left--
      if (isWhole(event) && event.position.sequence <= this.#through.sequence) break
      event = event.previous === null ? null : this.#get(event.previous)
    }
    return { events, next: null }
  }

  /** The live state may name an older event than the log's newest, another job's, or none: then it is wrong. */
  #newest(jobId: string, requested: EventId | null, lastEventId: EventId | null): StoredEvent | null {
    const last = lastEventId === null ? null : this.#get(lastEventId)
    const own = last?.jobId === jobId ? last : null
    if (requested === null || requested === own?.id) return own
    const known = this.#get(requested)
    if (known === null || own === null) return known ?? own
    return own.position.sequence > known.position.sequence ? own : known
  }
}
