import { StoreUnavailableError } from '../../core/errors.ts'
import { within } from '../within.ts'

/** Waits for the mending, for a call that has a deadline by performance.now(); the work goes on. @throws StoreUnavailableError */
export function withinDeadline(work: Promise<void>, deadline: number, outcome: 'rejected' | 'unknown'): Promise<void> {
  const late = (): Error =>
    new StoreUnavailableError('The state is being made of the log again, after a crash. Call again later.', { outcome })
  return within(work, Math.max(0, deadline - performance.now()), late)
}
