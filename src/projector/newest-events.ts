import type { Backend } from '../backend.ts'
import { START, type Position } from '../core/cursor.ts'
import type { EventId } from '../core/event.ts'
import { partitionOf } from '../core/order.ts'
import type { EventHead } from '../maintenance.ts'

/** Events whose heads are fetched at once: no call may hold the store for long, while writers wait. */
const PAGE = 256

/** Jobs whose newest events are held at once: some 200 MB. More are gone through in several passes over the log. */
const JOBS_AT_ONCE = 1_000_000

/** Jobs whose hashed ids have these last bits. */
interface Slice {
  mask: number
  bits: number
}

/**
 * The jobs that one partition's log names up to a position, each with its newest event there. In slices, so that memory
 * stays bounded: a slice that grows too large is halved on the way, and the other half comes later.
 * @param onEvents told how many events were passed, how much of all passes that is known of is done, 0 to 1, and which
 *   events the last ones were, some from after `through` included
 */
export async function* newestEvents(
  backend: Backend,
  partition: number,
  from: Position | undefined,
  through: Position,
  onEvents: (events: number, fraction: number, heads: readonly EventHead[]) => void,
  jobsAtOnce: number = JOBS_AT_ONCE,
): AsyncGenerator<Map<string, EventId>> {
  const left: Slice[] = [{ mask: 0, bits: 0 }]
  let done = 0
  for (let slice = left.pop(); slice !== undefined; slice = left.pop()) {
    const newest = new Map<string, EventId>()
    let position = from ?? START
    let next = position.sequence < through.sequence ? backend.scanHeads(partition, position, PAGE) : null
    while (next !== null) {
      const heads: EventHead[] = await next
      if (heads.length === 0) break
      position = heads.at(-1)?.position ?? position
      // The next page comes while this one is looked at. A failure is met when it is waited for.
      next = position.sequence < through.sequence ? backend.scanHeads(partition, position, PAGE) : null
      next?.catch(() => {})
      for (const head of heads) {
        if (head.position.sequence > through.sequence) break
        if (isIn(slice, head.jobId)) newest.set(head.jobId, head.id)
      }
      if (newest.size > jobsAtOnce) slice = halve(slice, newest, left)
      const passed = Math.min(position.sequence, through.sequence) - (from?.sequence ?? 0)
      onEvents(done === 0 ? passed : 0, (done + passed / total(from, through)) / (done + left.length + 1), heads)
    }
    done++
    yield newest
  }
}

function total(from: Position | undefined, through: Position): number {
  return Math.max(1, through.sequence - (from?.sequence ?? 0))
}

function isIn({ mask, bits }: Slice, jobId: string): boolean {
  return mask === 0 || (hashOf(jobId) & mask) === bits
}

/** Keeps one half, and leaves the other for later. */
function halve({ mask, bits }: Slice, newest: Map<string, EventId>, left: Slice[]): Slice {
  const half = { mask: mask * 2 + 1, bits }
  left.push({ mask: half.mask, bits: bits | (mask + 1) })
  for (const jobId of newest.keys()) if (!isIn(half, jobId)) newest.delete(jobId)
  return half
}

/** Thirty bits; not those that chose the partition, which all jobs of it share. */
function hashOf(jobId: string): number {
  return partitionOf(`${jobId}#`, 2 ** 30)
}
