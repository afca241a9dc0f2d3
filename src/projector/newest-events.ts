import type { Backend } from '../backend.ts'
import type { Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import type { EventHead } from '../maintenance.ts'
import { logSlices, type SlicePage, type Walk } from './log-slices.ts'

/** Events whose heads are fetched at once: no call may hold the store for long, while writers wait. */
const PAGE = 256

/** What a job takes that is kept with its newest event. */
export const JOB_BYTES = 200

/** The jobs that one partition's log names up to a position, each with its newest event there, slice by slice. */
export function newestEvents(
  backend: Backend,
  partition: number,
  walk: Walk<HeadPage>,
): AsyncGenerator<Map<string, EventId>> {
  const scan = async (after: Position): Promise<HeadPage> =>
    new HeadPage(await backend.scanHeads(partition, after, PAGE))
  return logSlices({ scan, bytesOf: () => JOB_BYTES }, walk)
}

/** A page of what events are about. */
export class HeadPage implements SlicePage<EventId> {
  readonly heads: readonly EventHead[]

  constructor(heads: readonly EventHead[]) {
    this.heads = heads
  }

  get end(): Position | null {
    return this.heads.at(-1)?.position ?? null
  }

  foldInto(newest: Map<string, EventId>, through: Position, isWanted: (jobId: string) => boolean): number {
    const before = newest.size
    for (const { id, jobId, position } of this.heads)
      if (position.sequence <= through.sequence && isWanted(jobId)) newest.set(jobId, id)
    return (newest.size - before) * JOB_BYTES
  }
}
