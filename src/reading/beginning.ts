import { START, type Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import type { LogSource } from './history.ts'
import { isUpTo } from './snapshots.ts'

/** Where one partition begins, archive and log taken as one. */
export interface Beginning {
  position: Position
  /** Whether only the archive has what comes first. */
  isArchived: boolean
  /** Whether an event was before that: a snapshot that stands for it is needed. */
  isGone: (eventId: EventId) => boolean
}

/** Looks up where one partition begins now. */
export async function beginningOf({ backend, archive }: LogSource, partition: number): Promise<Beginning> {
  const oldest = (await backend.bounds()).oldest[partition] ?? START
  const first = archive === null || oldest.sequence === 0 ? null : await archive.first(partition, 0)
  if (first === null || first.position.sequence > oldest.sequence)
    return { position: oldest, isArchived: false, isGone: (id) => isUpTo(id, oldest) }
  // What came before the first one is unknown, its key too: nothing is ever looked up by it.
  const position = { sequence: first.position.sequence - 1, key: START.key }
  return { position, isArchived: true, isGone: (id) => id !== first.id && isUpTo(id, first.position) }
}
