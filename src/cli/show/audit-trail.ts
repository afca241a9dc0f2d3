import type { JobEvent } from '../../core/event.ts'
import { evolve, type JobState } from '../../core/evolve.ts'
import type { JobCore, JobFields } from '../../core/job.ts'
import type { Paint, Table } from '../terminal/table.ts'
import { describeChange, describeValue } from './describe.ts'

/**
 * One job's events as a table: version, time, event, actor, what changed.
 * @param events of one job, oldest first
 * @param showTime how times are written
 */
export function auditTrail<T extends JobCore>(events: readonly JobEvent<T>[], showTime: (time: Date) => string): Table {
  const rows: string[][] = []
  let state: JobState | null = null
  for (const event of events) {
    const change = changeOf(state?.job ?? null, event)
    rows.push([
      String(event.version),
      showTime(event.at),
      event.type,
      describeValue('actor', event.meta?.actor),
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

function changeOf<T extends JobCore>(before: JobCore | null, event: JobEvent<T>): string {
  const reason = event.meta?.reason
  return (
    describeChange(before as JobFields | null, event) +
    (reason === undefined ? '' : ` (${describeValue('reason', reason)})`)
  )
}

function paintOf<T extends JobCore>(event: JobEvent<T> | undefined): Paint | null {
  const status = event?.data.status
  if (status === 'completed') return 'green'
  if (status === 'failed') return 'red'
  if (event?.type === 'deleted' || event?.type === 'expired' || status === 'cancelled') return 'yellow'
  return null
}
