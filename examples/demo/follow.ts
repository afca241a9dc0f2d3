import { setTimeout as sleep } from 'node:timers/promises'

import type { Cursor, JobCore, JobEvent, JobStore } from '../../src/index.ts'

const POLL_MS = 80

/**
 * The log as it grows, a handful of events at a time, from a position until it is over. A reader that has nothing to do with
 * the writers: it could as well sit in another process.
 * @param isOver asked before each look at the log, so that what was written before is still handed over
 */
export async function* follow<T extends JobCore>(
  store: JobStore<T>,
  after: Cursor,
  isOver: () => boolean,
): AsyncGenerator<JobEvent<T>[]> {
  for (let last = false, position = after; !last;) {
    last = isOver()
    const events: JobEvent<T>[] = []
    for await (const event of store.events({ after: position })) events.push(event)
    position = events.at(-1)?.cursor ?? position
    yield events
    if (!last) await sleep(POLL_MS)
  }
}

/** The first event of a job, whose cursor is a place in the log to go on from; null if the id was never used. */
export async function firstEvent<T extends JobCore>(store: JobStore<T>, id: string): Promise<JobEvent<T> | null> {
  for await (const event of store.history(id)) return event
  return null
}
