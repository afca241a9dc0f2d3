import type { Backend } from '../backend.ts'
import { decodeEvent, decodeWholeEvent } from '../codec.ts'
import type { ReadableArchive } from '../contract.ts'
import { formatCursor, parseCursor, START, type Position } from '../core/cursor.ts'
import { InvalidCursorError } from '../core/errors.ts'
import type { AsOf, Cursor, EventQuery, JobEvent } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'
import { partitionOf } from '../core/order.ts'
import type { Settings } from '../options.ts'
import type { StoredEvent } from '../stored-event.ts'
import { ArchivedLog } from './archive.ts'
import { stateAsOf } from './as-of.ts'
import type { LogSource } from './history.ts'
import { readLog, type LogEntry } from './log.ts'
import { snapshotsBefore } from './passed-snapshots.ts'
import { WithoutSnapshots } from './snapshots.ts'

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
    const after = query.after === undefined ? null : this.positionsOf(query.after)
    for await (const { event, positions } of readLog(this.#source, query, after))
      yield this.decodeAt<T>(event, this.cursorAt(positions))
  }

  /** The log without snapshots, still bytes, for a reader who goes on with what comes. @throws CursorGapError, LogRewoundError */
  readOn(filter: EventQuery, after: readonly Position[] | null): AsyncGenerator<LogEntry, readonly Position[]> {
    return readLog({ ...this.#source, hasSnapshots: false }, filter, after)
  }

  /**
   * An event with the `previous` that readOn() would give it.
   * @param after a position such that no snapshot after it is named by the event
   */
  async withoutSnapshots(event: StoredEvent, after: Position): Promise<StoredEvent> {
    const snapshots = new WithoutSnapshots()
    for (const snapshot of await snapshotsBefore(this.#source, after, [event])) snapshots.see(snapshot)
    return snapshots.see(event) ?? event
  }

  /** Where a cursor stands; it is judged here, before anything is asked of the backend. @throws InvalidCursorError */
  positionsOf(cursor: unknown): readonly Position[] {
    const { epoch, partitions } = this.#backend
    const { positions } = parseCursor(cursor, epoch, partitions)
    if (!positions.every((position) => this.#isPosition(position)))
      throw InvalidCursorError.of('it is damaged, and names no place in the log')
    return positions
  }

  cursorAt(positions: readonly Position[]): Cursor {
    return formatCursor({ epoch: this.#backend.epoch, positions })
  }

  /** The log for another store to take over: a snapshot comes with what it has in the place of its meta. */
  async *readWhole<T extends JobCore>(): AsyncGenerator<JobEvent<T>> {
    for await (const { event, positions } of readLog(this.#source, {}, null)) {
      const cursor = this.cursorAt(positions)
      const decoded = this.decodeAt<T>(event, cursor)
      const { meta } = event.type === 'snapshotted' ? decodeWholeEvent<T>(event, cursor) : decoded
      yield { ...decoded, meta }
    }
  }

  /** One job's state just after a moment. @throws HistoryTruncatedError */
  stateAsOf(id: string, asOf: AsOf): ReturnType<typeof stateAsOf> {
    return stateAsOf(this.#source, id, asOf, this.decode)
  }

  /** Reads an event for the fold, which has no use for its cursor. */
  readonly decode = (event: StoredEvent): JobEvent<JobCore> => this.decodeAt<JobCore>(event, '')

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
    return { backend: this.#backend, archive, hasSnapshots: true }
  }

  /** Any number may stand without a key, as beginningOf() hands it out; nothing else stands before the first event. */
  #isPosition(position: Position): boolean {
    if (position.key === START.key) return true
    return position.sequence !== START.sequence && this.#backend.isPosition(position)
  }

  /** Reads an event as users see it. */
  decodeAt<T extends JobCore>(stored: StoredEvent, cursor: Cursor): JobEvent<T> {
    const event = decodeEvent<T>(stored, cursor)
    return this.#upcast?.(event) ?? event
  }
}
