import { Topic, type Finding } from './finding.ts'
import { counted } from './quantities.ts'

/** Who sweeps, and what waits to be swept. */
export interface SweepFacts {
  /** Jobs whose time has come and that nobody has removed yet. */
  overdue: number
  /** Until when a store has said that it sweeps, ms since 1970; null if none has. */
  sweeperUntilMs: number | null
  /** By the store's clock. */
  nowMs: number
}

/** Whether somebody removes the jobs whose time has come. No read shows them, but they take room. */
export function checkSweeper({ overdue, sweeperUntilMs, nowMs }: SweepFacts): Finding {
  const topic = new Topic('sweeper')
  const due = overdue === 0 ? 'nothing is due' : `${counted(overdue, 'expired job')} not removed yet`
  if (sweeperUntilMs !== null && sweeperUntilMs > nowMs) return topic.ok(`alive; ${due}`)
  if (overdue === 0) return topic.ok(`none at this moment; ${due}`)
  return topic.warn(
    `none; ${due}`,
    'An open store sweeps unless its sweepIntervalMs is 0. "jobledger purge" removes them now.',
  )
}
