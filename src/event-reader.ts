import { ArchivedLog } from './archive.ts'
import type { Backend } from './backend.ts'
import { decodeEvent, decodeWholeEvent } from './codec.ts'
import type { ReadableArchive } from './contract.ts'
import { formatCursor, START } from './core/cursor.ts'
import type { AsOf, Cursor, EventQuery, JobEvent } from './core/event.ts'
import type { JobCore } from './core/job.ts'
import { partitionOf } from './core/order.ts'
import { stateAsOf } from './as-of.ts'
import type { LogSource } from './history.ts'
import { readLog } from './log.ts'
import type { Settings } from './options.ts'
import type { StoredEvent } from './stored-event.ts'

/** Reads a store's events, from its log and its archive, as its users see them. */
export class EventReader {
  /** Where the events are that compaction took from the log. */
  archive: ReadableArchive<JobCore> | null
  readonly #backend: Backend
  readonly #upcast: Settings['upcast']

  constructor(backend: Backend, { archive, upcast }: Settings) {
    this.#backend = backend
    this.archive = archive
    this.#upcast = upcast
  }

  /** Whether events are read as something else than they are stored as. */
  get upcasts(): boolean {
    return this.#upcast !== null
  }

  /** @throws InvalidCursorError, CursorGapError, LogRewoundError */
  async *read<T extends JobCore>(query: EventQuery): AsyncGenerator<JobEvent<T>> {
    for await (const { event, cursor } of readLog(this.#source, query)) yield this.#decode<T>(event, cursor)
  }

  /** The log for another store to take over: a snapshot comes with what it has in the place of its meta. */
  async *readWhole<T extends JobCore>(): AsyncGenerator<JobEvent<T>> {
    for await (const { event, cursor } of readLog(this.#source, {})) {
      const decoded = this.#decode<T>(event, cursor)
      const { meta } = event.type === 'snapshotted' ? decodeWholeEvent<T>(event, cursor) : decoded
      yield { ...decoded, meta }
    }
  }

  /** One job's state just after a moment. @throws HistoryTruncatedError */
  stateAsOf(id: string, asOf: AsOf): ReturnType<typeof stateAsOf> {
    return stateAsOf(this.#source, id, asOf, this.decode)
  }

  /** Reads an event for the fold, which has no use for its cursor. */
  readonly decode = (event: StoredEvent): JobEvent<JobCore> => this.#decode<JobCore>(event, '')

  /**
   * Reads an event for an archive: its cursor is where it stands in its own partition. upcast comes when it is read back,
   * and must not come twice.
   */
  readonly decodeWhole = (event: StoredEvent): JobEvent<JobCore> => {
    const { epoch, partitions } = this.#backend
    const positions = Array.from({ length: partitions }, () => START)
    positions[partitionOf(event.jobId, partitions)] = event.position
    return decodeWholeEvent<JobCore>(event, formatCursor({ epoch, positions }))
  }

  get #source(): LogSource {
    const { epoch, partitions } = this.#backend
    const archive = this.archive === null ? null : new ArchivedLog(this.archive, epoch, partitions)
    return { backend: this.#backend, archive }
  }

  #decode<T extends JobCore>(stored: StoredEvent, cursor: Cursor): JobEvent<T> {
    const event = decodeEvent<T>(stored, cursor)
    return this.#upcast?.(event) ?? event
  }
}
