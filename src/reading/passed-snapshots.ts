import type { Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import type { StoredEvent } from '../stored-event.ts'
import type { LogSource } from './history.ts'
import { isUpTo } from './snapshots.ts'

/**
 * The snapshots that a reader who goes on after a position has not come by, though events of the page name them as their
 * `previous`: it must know them to tell which event was before that. One look-up a job, all at once.
 * @returns each job's oldest first
 */
export async function snapshotsBefore(
  source: LogSource,
  after: Position,
  page: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const named = page.filter(({ previous }) => previous !== null && isUpTo(previous, after))
  const found = await Promise.all(named.map(({ jobId, previous }) => chainOf(source, jobId, previous)))
  return found.flat()
}

/** A snapshot, and those directly before it. */
async function chainOf(source: LogSource, jobId: string, from: EventId | null): Promise<StoredEvent[]> {
  const chain: StoredEvent[] = []
  for (let next = from; next !== null;) {
    const event: StoredEvent | null = await find(source, jobId, next)
    if (event?.type !== 'snapshotted') break
    chain.unshift(event)
    next = event.previous
  }
  return chain
}

async function find({ backend, archive }: LogSource, jobId: string, id: EventId): Promise<StoredEvent | null> {
  const [event] = (await backend.history(jobId, id, 1)).events
  if (event !== undefined || archive === null) return event ?? null
  for await (const archived of archive.history(jobId)) if (archived.id === id) return archived
  return null
}
