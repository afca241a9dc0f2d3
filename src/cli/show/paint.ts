import type { JobEvent } from '../../core/event.ts'
import type { JobCore } from '../../core/job.ts'
import type { Paint } from '../terminal/table.ts'

/** The paint of what an event did; null for none. */
export function paintOf<T extends JobCore>(event: JobEvent<T> | undefined): Paint | null {
  const status = event?.data.status
  if (status === 'completed') return 'green'
  if (status === 'failed') return 'red'
  if (event?.type === 'deleted' || event?.type === 'expired' || status === 'cancelled') return 'yellow'
  return null
}
