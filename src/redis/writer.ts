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
  /** The newest batch whose outcomes have come back. */
  acknowledged: number
  /** The newest event of these, by its id in the stream; '' if they made none. */
  event: string
  /** Numbers of the newest batches that were given up, in order: what became of them is not known. */
  givenUp: number[]
  /** When a batch was last sent that told Redis to keep outcomes for another hour, by Date.now(). */
  renewedAt: number
}

/** A batch that was not answered yet, by the number that it has now. */
interface NumberedBatch {
  series: Series
  number: number
}

/** Redis keeps a writer's outcomes for an hour from when it is told to; well before that it is told anew. */
const RENEWAL_MS = 10 * 60 * 1000
const PAUSE_MS = 10
/** Of so many batches of a series Redis keeps the outcomes (lua/lib/writer.lua). */
const KEPT = 4
/** Of so many batches it is known that they were given up. */
const MOST_GIVEN_UP = 1000

/**
 * Exactly once for one partition's batches. Each batch has a number in a series; Redis applies a number once, in order,
 * and gives its first outcomes when it comes again. So a batch whose reply was lost is sent again as it is. A batch that was
 * given up leaves a hole, which Redis passes over once it is told that nobody waits for it; should it come after that, it is
 * refused. If Redis knows fewer batches than it has acknowledged, it lost them: that is reported, the series is closed there,
 * and a new one begins; so it does, without a report, where only the series is forgotten, and its events are there. None runs
 * so far ahead of one under way that the outcome of that would be forgotten before it is asked for again. Whatever happens,
 * batches are numbered in the order of their calls.
 */
export class Writer {
  #series: Series = newSeries()
  readonly #underWay = new Set<NumberedBatch>()
  /** Those that have no number yet, in the order of their calls. */
  readonly #waiting: object[] = []
  readonly #onLost: (batches: number) => void

  constructor(onLost: (batches: number) => void) {
    this.#onLost = onLost
  }

  /**
   * Sends a batch until it is applied.
   * @param send one call of the script with what headerOf() says of the batch; it sees to retries and deadlines
   * @param recover makes the store fit for batches again, after a reply with a tag that says what is wrong with it
   */
  async write(
    send: (header: Argument[]) => Promise<unknown[]>,
    recover: (tag: string) => Promise<void>,
  ): Promise<BatchReply> {
    const place = {}
    this.#waiting.push(place)
    while (this.#waiting[0] !== place || this.#mustWait()) await pause(PAUSE_MS)
    this.#waiting.shift()
    const batch = { series: this.#series, number: this.#series.next++ }
    this.#underWay.add(batch)
    let renewal = renewalOf(batch.series)
    try {
      for (;;) {
        const { series } = batch
        const reply = await send(this.#headerOf(batch, renewal))
        const [tag, detail] = reply as [unknown, unknown]
        switch (String(tag)) {
          case 'DONE':
          case 'AGAIN': {
            const outcomes = String(detail).split('\n')
            acknowledge(batch, outcomes)
            return { outcomes, reply: String(tag) === 'DONE' ? reply : null }
          }
          case 'EARLY':
            await pause(PAUSE_MS)
            break
          case 'REWOUND':
            if (series === this.#series) this.#onLost(lostOf(series, Number(detail)))
            this.#renew(series)
            break
          case 'FORGOTTEN':
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
      giveUp(batch)
      throw error
    } finally {
      this.#underWay.delete(batch)
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
  #isBehind({ series, number }: NumberedBatch): boolean {
    for (const other of this.#underWay) if (other.series === series && other.number < number) return true
    return false
  }

  /**
   * What the script is told of a batch: its series and number, the newest number that was acknowledged, the least number that
   * is under way (nobody waits for any before it), the newest event of this series that is known, and the renewal.
   */
  #headerOf({ series, number }: NumberedBatch, renewal: string): Argument[] {
    let least = number
    for (const other of this.#underWay) if (other.series === series && other.number < least) least = other.number
    return [series.id, number, series.acknowledged, least, series.event, renewal]
  }
}

function acknowledge({ series, number }: NumberedBatch, outcomes: readonly string[]): void {
  if (number <= series.acknowledged) return
  series.acknowledged = number
  const last = outcomes.findLast((line) => APPLIED.includes(line.charAt(0)))
  if (last !== undefined) series.event = last.slice(last.lastIndexOf(' ') + 1)
}

/** Of outcomes with an event: see lua/apply.lua. */
const APPLIED = ['A', 'T', 'J']

function giveUp({ series, number }: NumberedBatch): void {
  series.givenUp.push(number)
  if (series.givenUp.length > MOST_GIVEN_UP) series.givenUp.shift()
}

/** How many acknowledged batches a server has lost that knows of none after `newest`. */
function lostOf({ acknowledged, givenUp }: Series, newest: number): number {
  return acknowledged - newest - givenUp.filter((number) => number > newest && number < acknowledged).length
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** '1' where the next batch is to say that outcomes are kept for another hour; it says so however often it is sent. */
function renewalOf(series: Series): string {
  const now = Date.now()
  if (Math.abs(now - series.renewedAt) < RENEWAL_MS) return ''
  series.renewedAt = now
  return '1'
}

function newSeries(): Series {
  const id = randomBytes(9).toString('base64url')
  return { id, next: 1, acknowledged: 0, event: '', givenUp: [], renewedAt: -Infinity }
}
