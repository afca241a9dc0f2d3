import type { EventArchive, ReplayOptions } from '../contract.ts'
import type { Position } from '../core/cursor.ts'
import type { JobEvent } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'
import type { StoredEvent } from '../stored-event.ts'

/** What compact() works with. */
export interface Compaction extends ReplayOptions {
  /** Milliseconds since 1970. */
  beforeMs: number
  archive: EventArchive<JobCore> | null
  /** Reads an event whole, cursor included, for the archive. */
  decodeWhole: (event: StoredEvent) => JobEvent<JobCore>
}

/** One partition's part of a compaction. */
export interface Cut {
  partition: number
  /** Where the log begins. */
  from: Position
  /** Where it is to begin. */
  cut: Position
}
