import type { JobEvent } from '../../core/event.ts'
import { isEnd } from '../../core/evolve.ts'
import type { JobCore } from '../../core/job.ts'
import type { Paint } from '../terminal/table.ts'

/** The paint of what an event did; null for none. */
export function paintOf<T extends JobCore>(event: JobEvent<T> | undefined): Paint | null {
  const status = event?.data.status
  if (status === 'completed') return 'green'
  if (status === 'failed') return 'red'
  if (status === 'cancelled' || (event !== undefined && isEnd(event))) return 'yellow'
  return null
}
