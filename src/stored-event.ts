import type { Position } from './core/cursor.ts'
import type { EventId } from './core/event.ts'
import type { StampField } from './core/job.ts'

/** An event as a backend keeps it: the payload still bytes. */
export interface StoredEvent {
  id: EventId
  position: Position
  /** A JobEventType, or what a newer program wrote. */
  type: string
  /** The field that was set to the event's time besides what `data` says. */
  stamp: StampField | null
  jobId: string
  userId: string
  version: number
  previous: EventId | null
  /** Milliseconds since 1970. */
  at: number
  removed: string[]
  /** Of a `snapshotted` event: what src/reading/snapshots.ts keeps there. */
  meta: Uint8Array | null
  data: Uint8Array
}
