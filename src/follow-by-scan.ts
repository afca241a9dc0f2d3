import type { Deliver, ScanPage } from './backend.ts'
import type { Position } from './core/cursor.ts'
import type { Growth } from './growth.ts'

/** Events that are handed over at once. */
const PAGE = 256

/** One partition's log, and how its growth is told. */
export interface Followed {
  scan(after: Position, limit: number): Promise<ScanPage>
  growth: Growth
}

/** Backend.follow() for a log of one partition that says when it grows: it is scanned each time. */
export async function followByScan(
  { scan, growth }: Followed,
  after: Position,
  deliver: Deliver,
  signal: AbortSignal,
): Promise<void> {
  let position = after
  while (!signal.aborted) {
    const { count } = growth
    const page = await scan(position, PAGE)
    if (page.kind !== 'events') return
    const last = page.events.at(-1)
    if (last === undefined) await growth.beyond(count, signal)
    else if (!signal.aborted) {
      deliver(0, page.events)
      position = last.position
    }
  }
}
