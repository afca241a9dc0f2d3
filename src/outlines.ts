import type { Position } from './core/cursor.ts'
import type { EventId } from './core/event.ts'
import type { Place } from './place.ts'

/**
 * How a backend sees at little cost that most jobs are right: it folds the log into the very form in which it keeps jobs,
 * no value decoded, and asks whether what is kept is the same to the byte. Where it is not, nothing is said: the job has
 * gone on, or is wrong, or is right in another form. Such a job is audited, and only the audit's word is taken for drift.
 */
export interface Outlines {
  /** The events after a position, oldest first, as many as may be fetched at once; none only at the log's end. */
  scan(partition: number, after: Position): Promise<OutlinePage>
  /** @returns the ids of those jobs of which the live state, or an index entry, is another: audit them */
  check(partition: number, outlines: ReadonlyMap<string, Outline>): Promise<string[]>
  /**
   * Writes jobs of which the live state has nothing, with their index entries.
   * @returns the ids of those of which it has something, and which are as they were: audit them
   */
  restore(partition: number, outlines: ReadonlyMap<string, Outline>): Promise<string[]>
}

/** A job as its events say, in a form that only its backend knows. */
export interface Outline {
  /** Its newest event. */
  readonly eventId: EventId
  /** null for one that has ended. */
  readonly place: Place | null
  /** Memory that it takes, roughly, a Map's entry included. */
  readonly bytes: number
}

/** Some events of the log. */
export interface OutlinePage {
  /** Where its last event stands; null if it has none. */
  readonly end: Position | null
  /**
   * Takes the events into outlines, those of jobs that are wanted and up to a position.
   * @returns bytes by which the outlines have grown
   */
  foldInto(outlines: Map<string, Outline>, through: Position, isWanted: (jobId: string) => boolean): number
}
