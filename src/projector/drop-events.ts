import type { Backend } from '../backend.ts'
import type { CompactReport } from '../contract.ts'
import type { Position } from '../core/cursor.ts'
import type { EventHead } from '../maintenance.ts'
import type { StoredEvent } from '../stored-event.ts'
import type { Compaction, Cut } from './compaction.ts'

/** Events that are archived and dropped at once. */
const EVENTS_A_CALL = 256

/** Drops one partition's events up to the cut, page by page, each once the archive has it. */
export async function dropEvents(
  backend: Backend,
  { partition, from, cut }: Cut,
  { archive, decodeWhole }: Pick<Compaction, 'archive' | 'decodeWhole'>,
  report: CompactReport,
  tell: (fraction: number) => void,
): Promise<void> {
  let position = from
  while (position.sequence < cut.sequence) {
    const limit = Math.min(EVENTS_A_CALL, cut.sequence - position.sequence)
    let events: readonly EventHead[] | readonly StoredEvent[]
    if (archive === null) events = await backend.scanHeads(partition, position, limit)
    else {
      const page = await scan(backend, partition, position, limit)
      await archive.append(page.map(decodeWhole))
      report.archived += page.length
      events = page
    }
    const last = events.at(-1)
    if (last === undefined) break
    await backend.trim(partition, last.position, [...new Set(events.map(({ jobId }) => jobId))])
    report.dropped += events.length
    position = last.position
    tell((2 + (position.sequence - from.sequence) / (cut.sequence - from.sequence)) / 3)
  }
}

/** None if another store has dropped them. */
async function scan(backend: Backend, partition: number, after: Position, limit: number): Promise<StoredEvent[]> {
  const page = await backend.scan(partition, after, limit)
  return page.kind === 'events' ? page.events : []
}
