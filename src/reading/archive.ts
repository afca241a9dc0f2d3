import { encodeValue } from '../codec.ts'
import type { EventArchive, ReadableArchive } from '../contract.ts'
import { parseCursor, readCursor, type Position } from '../core/cursor.ts'
import type { JobEvent } from '../core/event.ts'
import type { JobCore, JobFields } from '../core/job.ts'
import { partitionOf } from '../core/order.ts'
import type { StoredEvent } from '../stored-event.ts'

/** Whether a store can read its older events back from an archive. */
export function isReadable(archive: EventArchive<JobCore> | null | undefined): archive is ReadableArchive<JobCore> {
  // Who calls from JavaScript may have given anything.
  const given = archive as Partial<ReadableArchive<JobCore>> | null | undefined
  return typeof given?.archivedHistory === 'function' && typeof given.archivedLog === 'function'
}

/** What an archive holds of one store's log, in the form of the log. */
export class ArchivedLog {
  readonly #archive: ReadableArchive<JobCore>
  readonly #epoch: string
  readonly #partitions: number

  constructor(archive: ReadableArchive<JobCore>, epoch: string, partitions: number) {
    this.#archive = archive
    this.#epoch = epoch
    this.#partitions = partitions
  }

  /** One job's events after a place in its partition's log, oldest first. Other stores may have had a job of this id. */
  async *history(jobId: string, sequence = 0): AsyncGenerator<StoredEvent> {
    for await (const event of this.#archive.archivedHistory(jobId)) {
      if (readCursor(event.cursor).epoch !== this.#epoch) continue
      const stored = this.#store(event)
      if (stored.position.sequence > sequence) yield stored
    }
  }

  /** One partition's events after a place, oldest first. */
  async *after(partition: number, sequence: number): AsyncGenerator<StoredEvent> {
    for await (const event of this.#archive.archivedLog({ epoch: this.#epoch, partition, sequence }))
      yield this.#store(event)
  }

  /** The first of them; null if there is none. */
  async first(partition: number, sequence: number): Promise<StoredEvent | null> {
    for await (const event of this.after(partition, sequence)) return event
    return null
  }

  #store(event: JobEvent<JobCore>): StoredEvent {
    const { id, jobId, userId, type, version, previous, at, removed, meta } = event
    const { id: _, userId: __, ...fields } = event.data as JobFields
    const isWhole = type === 'created' || type === 'snapshotted'
    return {
      id,
      position: this.#positionOf(event),
      type,
      stamp: null,
      jobId,
      userId,
      version,
      previous,
      at: at.getTime(),
      removed,
      meta: meta === null ? null : encodeValue(meta),
      data: encodeValue(isWhole ? fields : event.data),
    }
  }

  #positionOf({ cursor, jobId }: JobEvent<JobCore>): Position {
    const { positions } = parseCursor(cursor, this.#epoch, this.#partitions)
    return positions[partitionOf(jobId, this.#partitions)] as Position
  }
}
