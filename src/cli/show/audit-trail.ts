import type { JobEvent } from '../../core/event.ts'
import { evolve, type JobState } from '../../core/evolve.ts'
import type { JobCore, JobFields } from '../../core/job.ts'
import type { Table } from '../terminal/table.ts'
import { describeEvent, describeValue } from './describe.ts'
import { paintOf } from './paint.ts'

/**
 * One job's events as a table: version, time, event, actor, what changed.
 * @param events of one job, oldest first
 * @param showTime how times are written
 * @param longest columns of a value
 */
export function auditTrail<T extends JobCore>(
  events: readonly JobEvent<T>[],
  showTime: (time: Date) => string,
  longest?: number,
): Table {
  const rows: string[][] = []
  let state: JobState | null = null
  for (const event of events) {
    const change = describeEvent((state?.job ?? null) as JobFields | null, event, longest)
    rows.push([
      String(event.version),
      showTime(event.at),
      event.type,
      describeValue('actor', event.meta?.actor, { longest }),
      change,
    ])
    state = evolve(state, event)
  }
  return {
    columns: [
      { title: 'version', align: 'right' },
      { title: 'time' },
      { title: 'event' },
      { title: 'actor' },
      { title: 'what changed' },
    ],
    rows,
    paint: (row) => paintOf(events[row]),
  }
}
