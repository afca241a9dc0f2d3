import { randomBytes } from 'node:crypto'
import type { Argument } from './link.ts'

/** A reply of apply.lua to a batch that is applied. */
export interface BatchReply {
  outcomes: string[]
  /** The whole reply, states from the third item on; null if the batch was applied before and its states are gone. */
  reply: readonly unknown[] | null
}

/** One life of the numbering: under one id, from 1 on. */
interface Series {
  id: string
  next: number
  /** The newest batch whose outcomes have come back, all before it too. */
  acknowledged: number
  /** When a batch was last sent that told Redis to keep outcomes for another hour. */
  renewedAtMs: number
}

/** One that was not answered yet, by the number that it has now. */
interface Batch {
  series: Series
  number: number
}

/** Redis keeps a writer's outcomes for an hour from when it is told to; well before that it is told anew. */
const RENEWAL_MS = 10 * 60 * 1000
/** And the numbering begins anew. */
const IDLE_MS = 20 * 60 * 1000
const PAUSE_MS = 10
/** Of so many batches of a series Redis keeps the outcomes (lua/lib/writer.lua). */
const KEPT = 4

/**
 * Exactly once for one partition's batches. Each batch has a number in a series; Redis applies a number once, in order,
 * and gives its first outcomes when it comes again. So a batch whose reply was lost is sent again as it is. If Redis
 * knows fewer batches than it has acknowledged, it lost them: that is reported, and a new series begins. A batch that
 * was given up leaves a hole; those behind it begin a new series too. None runs so far ahead of one under way that the
 * outcome of that would be forgotten before it is asked for again. Whatever happens, batches are numbered in the order of
 * their calls.
 */
export class Writer {
  #series: Series = newSeries()
  readonly #underWay = new Set<Batch>()
  /** Those that have no number yet, in the order of their calls. */
  readonly #waiting: object[] = []
  #lastUsedMs = 0
  readonly #onLost: (batches: number) => void

  constructor(onLost: (batches: number) => void) {
    this.#onLost = onLost
  }

  /**
   * Sends a batch until it is applied.
   * @param send one call of the script with series id, number, acknowledged number and renewal; it sees to retries and deadlines
   * @param recover makes the store fit for batches again, after a reply with a tag that says what is wrong with it
   */
  async write(
    send: (header: Argument[]) => Promise<unknown[]>,
    recover: (tag: string) => Promise<void>,
  ): Promise<BatchReply> {
    this.#renewIfIdle()
    const place = {}
    this.#waiting.push(place)
    while (this.#waiting[0] !== place || this.#mustWait()) await pause(PAUSE_MS)
    this.#waiting.shift()
    const batch = { series: this.#series, number: this.#series.next++ }
    this.#underWay.add(batch)
    let renewal = renewalOf(batch.series)
    try {
      for (;;) {
        const { series, number } = batch
        const reply = await send([series.id, number, series.acknowledged, renewal])
        const [tag, detail] = reply as [unknown, unknown]
        switch (String(tag)) {
          case 'DONE':
          case 'AGAIN':
            series.acknowledged = Math.max(series.acknowledged, number)
            return { outcomes: String(detail).split('\n'), reply: String(tag) === 'DONE' ? reply : null }
          case 'EARLY':
            await pause(PAUSE_MS)
            break
          case 'REWOUND':
            if (series === this.#series) this.#onLost(series.acknowledged - Number(detail))
            this.#renew(series)
            break
          default:
            await recover(String(tag))
        }
        if (series !== this.#series) {
          while (this.#isBehind(batch)) await pause(PAUSE_MS)
          batch.series = this.#series
          batch.number = batch.series.next++
          renewal = renewalOf(batch.series)
        }
      }
    } catch (error) {
      this.#renew(batch.series)
      throw error
    } finally {
      this.#underWay.delete(batch)
      this.#lastUsedMs = performance.now()
    }
  }

  #renew(series: Series): void {
    if (series === this.#series) this.#series = newSeries()
  }

  /**
   * Whether a batch of an older series may still be applied in it: until that is known, none may pass it. Or one of this
   * series would be so far behind the next one that its outcome is not kept.
   */
  #mustWait(): boolean {
    for (const { series, number } of this.#underWay)
      if (series !== this.#series || this.#series.next - number >= KEPT) return true
    return false
  }

  /** Whether one before it is still in the series that both are to leave. */
  #isBehind({ series, number }: Batch): boolean {
    for (const other of this.#underWay) if (other.series === series && other.number < number) return true
    return false
  }

  #renewIfIdle(): void {
    if (this.#underWay.size + this.#waiting.length === 0 && performance.now() - this.#lastUsedMs > IDLE_MS)
      this.#series = newSeries()
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** '1' where the next batch is to say that outcomes are kept for another hour; it says so however often it is sent. */
function renewalOf(series: Series): string {
  const nowMs = performance.now()
  if (nowMs - series.renewedAtMs < RENEWAL_MS) return ''
  series.renewedAtMs = nowMs
  return '1'
}

function newSeries(): Series {
  return { id: randomBytes(9).toString('base64url'), next: 1, acknowledged: 0, renewedAtMs: -Infinity }
}
