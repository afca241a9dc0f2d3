import type { StoredEvent } from '../stored-event.ts'
import { Backlog } from './backlog.ts'

/** Events that are read before the newest of them are handed over: a reader far behind gets on, and is not kept waiting. */
const MOST_READ = 10_000

/**
 * What is read, ahead of its reader, with only the newest 'progressed' of each job, and every other event. Nothing waits that
 * was read before an error: it is handed over first.
 * @param bufferSize the most that are held
 * @returns what the reading does
 */
export async function* conflated<E extends { event: Pick<StoredEvent, 'type' | 'jobId'> }, R>(
  reading: AsyncGenerator<E, R>,
  bufferSize: number,
): AsyncGenerator<E, R> {
  const backlog = new Backlog<E>(true)
  try {
    let count = 0
    let next = await reading.next()
    for (; next.done !== true; next = await reading.next()) {
      backlog.makeRoomFor(next.value)
      if (backlog.size >= bufferSize) yield* backlog.drain()
      backlog.push(next.value)
      if (++count % MOST_READ === 0) yield* backlog.drain()
    }
    yield* backlog.drain()
    return next.value
  } catch (error) {
    yield* backlog.drain()
    throw error
  }
}
