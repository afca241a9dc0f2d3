import { CursorGapError, LogRewoundError, SlowConsumerError } from '../core/errors.ts'
import type { EventId, JobEvent } from '../core/event.ts'
import { evolve, isEnd, type JobState } from '../core/evolve.ts'
import type { JobCore, JobFields } from '../core/job.ts'
import { comparePlaces } from '../core/order.ts'
import { copyValue } from '../core/value.ts'
import { Ending } from './ending.ts'
import type { Feed } from './feed.ts'
import type { Subscription } from './subscription.ts'

/** A job, and the event that made it so; null for how it was found. */
export interface Sight<T extends JobCore> {
  job: T | null
  event: JobEvent<T> | null
}

/** What a watch works with. */
export interface WatchParts<T extends JobCore> {
  /** Ends the watch when it is closed, whatever the watch is at. */
  feed: Feed
  /** Begins to gather the job's events. */
  subscribe(): Subscription<T>
  /** The job as it is now. */
  look(): Promise<JobState>
}

/**
 * A job followed: its events are gathered, then it is looked at, then those events that come after that are folded into
 * it. Where events can't be had, it is looked at again. Ends with the job, or by its reader, its signal, or close().
 */
export class Watch<T extends JobCore> {
  readonly ending: Ending
  readonly #parts: WatchParts<T>
  #subscription: Subscription<T> | null = null

  constructor(parts: WatchParts<T>, signal?: AbortSignal) {
    this.#parts = parts
    this.ending = new Ending(signal, () => this.#free())
  }

  /** To be gone through once. */
  async *sights(): AsyncGenerator<Sight<T>> {
    try {
      this.#parts.feed.expect(this.ending)
      let isLive = true
      while (isLive && !this.ending.isEnded) isLive = yield* this.#follow()
    } finally {
      this.ending.end()
    }
  }

  /** @returns whether the job is to be looked at again */
  async *#follow(): AsyncGenerator<Sight<T>, boolean> {
    const subscription = this.#parts.subscribe()
    this.#subscription = subscription
    try {
      await this.ending.orEnd(subscription.begun)
      if (this.ending.isEnded) return false
      this.#parts.feed.enter(this.ending)
      const found = await this.ending.orEnd(this.#parts.look())
      if (found === null) return false
      yield { job: copyValue(found.job) as T | null, event: null }
      return yield* this.#fold(found, subscription)
    } catch (error) {
      if (isLostPlace(error)) return true
      throw error
    } finally {
      subscription.ending.end()
    }
  }

  async *#fold(found: JobState, subscription: Subscription<T>): AsyncGenerator<Sight<T>, boolean> {
    let state = found
    for await (const event of subscription.events()) {
      if (!isAfter(event.id, state.lastEventId)) continue
      state = evolve(state, { ...event, data: copyValue(event.data) as JobFields })
      yield { job: copyValue(state.job) as T | null, event }
      if (isEnd(event)) return false
    }
    return false
  }

  #free(): void {
    this.#subscription?.ending.end()
    this.#parts.feed.leave(this.ending)
  }
}

/**
 * Whether an event comes after another one of its job: by their place in the log, since a job's version begins anew once a
 * compaction has dropped the last one's end.
 */
function isAfter(event: EventId, other: EventId): boolean {
  return other === '' || comparePlaces(event, other) > 0
}

function isLostPlace(error: unknown): boolean {
  return error instanceof CursorGapError || error instanceof LogRewoundError || error instanceof SlowConsumerError
}
