import { createHash } from 'node:crypto'
import { encodeValue, sortKeys } from './codec.ts'
import type { JobEvent } from './core/event.ts'
import type { JobCore } from './core/job.ts'

/**
 * What two logs can be compared by, whatever the order in which their partitions are merged: the number of events, and the
 * sum of a hash of each. Ids, links and cursors are a store's own, and left out, as is
 * what a snapshot tells of the events that it stands for.
 */
export class LogDigest {
  events = 0
  #high = 0
  #low = 0

  add<T extends JobCore>({ type, jobId, userId, version, at, data, removed, meta }: JobEvent<T>): void {
    const content = [
      type,
      jobId,
      userId,
      version,
      at,
      sortKeys(data),
      removed.toSorted(),
      type === 'snapshotted' ? null : sortKeys(meta),
    ]
    const hash = createHash('sha256').update(encodeValue(content)).digest()
    this.events++
    this.#high = (this.#high + hash.readUInt32BE(0)) >>> 0
    this.#low = (this.#low + hash.readUInt32BE(4)) >>> 0
  }

  /** What is wrong with another log that should be the same; null if nothing is. */
  differenceTo(other: LogDigest): string | null {
    if (this.events !== other.events) return `it has ${other.events} events, the source ${this.events}`
    if (this.#high !== other.#high || this.#low !== other.#low) return 'some of its events are not those of the source'
    return null
  }
}
