import type { BackendStats } from '../backend.ts'
import { timeOf } from './event-entries.ts'

/** Adds up what count.lua says of all jobs and events of each partition. */
export function statsOf(replies: readonly (readonly unknown[])[]): BackendStats {
  const stats: BackendStats = { jobs: 0, events: 0, byStatus: new Map(), oldestEventAt: null, newestEventAt: null }
  for (const reply of replies) {
    const [events, oldest, newest, ...counts] = reply.map(String)
    stats.events += Number(events)
    stats.oldestEventAt = extreme(Math.min, stats.oldestEventAt, oldest)
    stats.newestEventAt = extreme(Math.max, stats.newestEventAt, newest)
    for (let at = 0; at < counts.length; at += 2) {
      const [status = '', count] = counts.slice(at, at + 2)
      stats.byStatus.set(status, (stats.byStatus.get(status) ?? 0) + Number(count))
      stats.jobs += Number(count)
    }
  }
  return stats
}

function extreme(
  choose: (...values: number[]) => number,
  known: number | null,
  streamId: string | undefined,
): number | null {
  if (streamId === undefined || streamId === '') return known
  return known === null ? timeOf(streamId) : choose(known, timeOf(streamId))
}
