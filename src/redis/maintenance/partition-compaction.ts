import type { Position } from '../../core/cursor.ts'
import { ProjectionLostError, quote, StoreMismatchError } from '../../core/errors.ts'
import type { AdoptedEvent, Snapshot } from '../../maintenance.ts'
import { codeOf, encodeRemoved } from '../event-entries.ts'
import { FramePacker } from '../frame-packer.ts'
import { pushSnapshot } from '../frames.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'

/** Shortens one partition's log, and takes over another store's. */
export class PartitionCompaction {
  readonly #parts: MaintenanceParts
  readonly #packer = new FramePacker()

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
  }

  async positionBefore(ms: number): Promise<Position> {
    const { link, keys } = this.#parts
    // An id without its second part means the greatest of that millisecond.
    const before = await link.caller.call((redis) => redis.xrevrange(keys.events, Math.max(0, ms - 1), '-', 'COUNT', 1))
    const [key, fields] = before[0] ?? []
    if (key !== undefined && fields !== undefined) return { sequence: Number(fields[1]), key }
    return (await this.#parts.partition.bounds()).oldest
  }

  async snapshot(snapshots: readonly Snapshot[]): Promise<boolean[]> {
    const { link, keys } = this.#parts
    for (const snapshot of snapshots) pushSnapshot(this.#packer, snapshot, this.#parts.inlineBytes)
    const [, ...done] = (await link.maintain('snapshot', keys.meta, this.#packer.finish())).map(Number)
    const unreadable = snapshots[done.indexOf(2)]
    if (unreadable !== undefined)
      throw ProjectionLostError.of(`The hash of job ${quote(unreadable.jobId)} can't be read: rebuild() it.`)
    return done.map((code) => code === 1)
  }

  async trim(through: Position, jobIds: readonly string[]): Promise<void> {
    const { link, keys } = this.#parts
    await link.maintain('trim', keys.meta, [through.sequence, through.key, ...jobIds])
  }

  async adopt(events: readonly AdoptedEvent[]): Promise<number> {
    const { link, keys } = this.#parts
    const args = events.flatMap(({ at, type, jobId, userId, version, removed, meta, data }) => [
      at,
      codeOf(type),
      jobId,
      userId,
      version,
      removed.length === 0 ? '' : encodeRemoved(removed),
      meta === null ? '' : Buffer.from(meta),
      Buffer.from(data),
    ])
    const reply = await link.maintain('adopt', keys.meta, args)
    if (String(reply[0]) === 'USED') throw StoreMismatchError.of('events', 'none', 'some')
    return Number(reply[1])
  }
}
