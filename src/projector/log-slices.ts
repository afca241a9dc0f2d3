import { START, type Position } from '../core/cursor.ts'
import { partitionOf } from '../core/order.ts'

/** What one slice may take, as its reader counts it. More jobs are gone through in several passes over the log. */
const SLICE_BYTES = 300_000_000

/** Reads a log page by page, and keeps something of each job. */
export interface SliceReader<V, P extends SlicePage<V>> {
  scan(after: Position): Promise<P>
  /** Memory that what is kept of one job takes, roughly. */
  bytesOf(kept: V): number
}

/** A page of the log. */
export interface SlicePage<V> {
  /** Where its last event stands; null if it has none. */
  readonly end: Position | null
  /** Keeps what is to be kept of its events up to `through`. @returns bytes by which the jobs have grown */
  foldInto(jobs: Map<string, V>, through: Position, isWanted: (jobId: string) => boolean): number
}

/** Part of one partition's log, to be gone through. */
export interface Walk<P> {
  from: Position | undefined
  through: Position
  /**
   * Told how many events were passed, how much of all passes that is known of is done, 0 to 1, and which page was the
   * last, some events from after `through` included.
   */
  onPage: (events: number, fraction: number, page: P) => void
  sliceBytes?: number
}

/** Jobs whose hashed ids have these last bits. */
interface Slice {
  mask: number
  bits: number
}

/**
 * The jobs that one partition's log names, each with what is kept of it. In slices, so that memory stays bounded: a slice
 * that grows too large is halved on the way, and the other half comes later. When the next one is asked for, a slice is
 * emptied; the last one stays.
 */
export async function* logSlices<V, P extends SlicePage<V>>(
  reader: SliceReader<V, P>,
  { from = START, through, onPage, sliceBytes = SLICE_BYTES }: Walk<P>,
): AsyncGenerator<Map<string, V>> {
  const left: Slice[] = [{ mask: 0, bits: 0 }]
  const total = Math.max(1, through.sequence - from.sequence)
  let done = 0
  for (let slice = left.pop(); slice !== undefined; slice = left.pop()) {
    const jobs = new Map<string, V>()
    let bytes = 0
    for await (const page of pages(reader, from, through)) {
      const { mask, bits } = slice
      bytes += page.foldInto(jobs, through, (jobId) => mask === 0 || (hashOf(jobId) & mask) === bits)
      if (bytes > sliceBytes && jobs.size > 1) {
        slice = halve(slice, jobs, left)
        bytes = 0
        for (const kept of jobs.values()) bytes += reader.bytesOf(kept)
      }
      const passed = Math.min((page.end as Position).sequence, through.sequence) - from.sequence
      onPage(done === 0 ? passed : 0, (done + passed / total) / (done + left.length + 1), page)
    }
    done++
    yield jobs
    // Two slices at once would be twice the memory.
    if (left.length > 0) jobs.clear()
  }
}

/** The pages with events, each fetched while the one before it is looked at. */
async function* pages<V, P extends SlicePage<V>>(
  reader: SliceReader<V, P>,
  from: Position,
  through: Position,
): AsyncGenerator<P> {
  let next = from.sequence < through.sequence ? reader.scan(from) : null
  while (next !== null) {
    const page: P = await next
    const { end } = page
    if (end === null) return
    next = end.sequence < through.sequence ? reader.scan(end) : null
    // A failure is met when it is waited for.
    next?.catch(() => {})
    yield page
  }
}

/** Keeps one half, and leaves the other for later. */
function halve<V>({ mask, bits }: Slice, jobs: Map<string, V>, left: Slice[]): Slice {
  const half = { mask: mask * 2 + 1, bits }
  left.push({ mask: half.mask, bits: bits | (mask + 1) })
  for (const jobId of jobs.keys()) if ((hashOf(jobId) & half.mask) !== half.bits) jobs.delete(jobId)
  return half
}

/** Thirty bits; not those that chose the partition, which all jobs of it share. */
function hashOf(jobId: string): number {
  return partitionOf(`${jobId}#`, 2 ** 30)
}
