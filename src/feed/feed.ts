import { setTimeout as delay } from 'node:timers/promises'
import type { Backend } from '../backend.ts'
import { StoreUnavailableError } from '../core/errors.ts'
import type { EventReader } from '../reading/event-reader.ts'
import type { Ending } from './ending.ts'
import { FeedRun } from './feed-run.ts'

/** Runs in a row that end before they have begun, until the feed is given up; each waits longer than the one before. */
const MOST_FRUITLESS = 8
const FRUITLESS_DELAY_MS = 20

/**
 * The one reader of a store's log, for any number of subscriptions: idle while there are none; with the first it begins a
 * run, which all share; a run that is over is followed by another one for who goes on; with the last it is idle again, and
 * has freed everything. close() ends the subscriptions.
 */
export class Feed {
  readonly #backend: Backend
  readonly #events: EventReader
  readonly #subscriptions = new Set<Ending>()
  #isClosed = false
  #last: FeedRun | null = null
  #fruitless = 0
  #run: Promise<FeedRun> | null = null
  /** What is not freed yet. */
  readonly #ending = new Set<Promise<void>>()

  constructor(backend: Backend, events: EventReader) {
    this.#backend = backend
    this.#events = events
  }

  /**
   * Lets close() end a subscription whose place in the log is still being looked up. Once the feed is closed, that finds
   * out whether the subscription was asked for before: then it is ended as it enters.
   */
  expect(subscription: Ending): void {
    if (!this.#isClosed && !subscription.isEnded) this.#subscriptions.add(subscription)
  }

  /** The feed goes on as long as somebody is in. Once it is closed, who enters is ended. */
  enter(subscription: Ending): void {
    if (this.#isClosed) return subscription.end()
    this.#subscriptions.add(subscription)
  }

  leave(subscription: Ending): void {
    this.#subscriptions.delete(subscription)
    if (this.#subscriptions.size === 0) this.#stop()
  }

  /** The run under way, or a new one that begins at the log's end. For those who are in. */
  run(): Promise<FeedRun> {
    if (this.#run !== null) return this.#run
    const run = this.#begin()
    this.#run = run
    const forget = (): void => {
      if (this.#run === run) this.#run = null
    }
    run.then(({ ended }) => ended).then(forget, forget)
    return run
  }

  /** Ends all subscriptions, and those to come. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const subscription of this.#subscriptions) subscription.end()
    while (this.#ending.size > 0) await Promise.all(this.#ending)
  }

  async #begin(): Promise<FeedRun> {
    await this.#requireProgress()
    const bounds = await this.#backend.bounds()
    const run = new FeedRun(this.#backend, this.#events, bounds)
    this.#track(run.ended)
    this.#last = run
    return run
  }

  /**
   * Where the log can be read, but not followed from where it ends, runs would follow each other for ever.
   * @throws StoreUnavailableError
   */
  async #requireProgress(): Promise<void> {
    this.#fruitless = this.#last?.wasFruitless === true ? this.#fruitless + 1 : 0
    if (this.#fruitless === 0) return
    if (this.#fruitless < MOST_FRUITLESS) await delay(FRUITLESS_DELAY_MS * 2 ** (this.#fruitless - 1))
    else {
      this.#last = null
      throw new StoreUnavailableError(
        'The log can be read, but not followed: its end is not where the connection for live events looks for it. Does that connection reach the same server and database?',
        { outcome: 'rejected' },
      )
    }
  }

  #stop(): void {
    if (this.#run === null) return
    this.#track(this.#run.then(stopRun, () => {}))
    this.#run = null
  }

  #track(work: Promise<void>): void {
    this.#ending.add(work)
    void work.finally(() => this.#ending.delete(work))
  }
}

function stopRun(run: FeedRun): void {
  run.stop()
}
