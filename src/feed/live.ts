import { asksForNothing, requireSubscribeOptions, requireText, requireWatchOptions } from '../arguments.ts'
import type { Backend, StoredJob } from '../backend.ts'
import { isId } from '../core/check.ts'
import type { JobEvent, SubscribeOptions } from '../core/event.ts'
import type { JobState } from '../core/evolve.ts'
import type { JobCore } from '../core/job.ts'
import type { Lifecycle } from '../lifecycle.ts'
import type { EventReader } from '../reading/event-reader.ts'
import { Feed } from './feed.ts'
import { LiveIterator } from './live-iterator.ts'
import { Subscription, type Beginning } from './subscription.ts'
import { Watch, type Sight } from './watch.ts'

/** What live reading stands on. */
export interface LiveParts {
  backend: Backend
  events: EventReader
  lifecycle: Lifecycle
  /** A job as it is now. */
  read: (id: string) => Promise<StoredJob | null>
}

/** How a job is watched. */
interface WatchOptions {
  signal?: AbortSignal
  /** As in SubscribeOptions; the public watch() does not name it. For streams to clients, of which there are many. */
  bufferSize?: number
}

/** What no job can be called, and every backend can be asked for. */
const NO_ID = ''

/** A store's subscriptions and watches, over one feed. */
export class Live {
  readonly #parts: LiveParts
  readonly #feed: Feed

  constructor(parts: LiveParts) {
    this.#parts = parts
    this.#feed = new Feed(parts.backend, parts.events)
  }

  /** Begins at the call; what is wrong with the options is said by the first next(). */
  subscribe<T extends JobCore>(options: SubscribeOptions): LiveIterator<JobEvent<T>> {
    const subscription = this.#subscription<T>(options, this.#begin(options))
    return new LiveIterator(subscription.events(), subscription.ending, () => subscription.beginning())
  }

  watch<T extends JobCore>(id: string, options: WatchOptions): LiveIterator<Sight<T>> {
    const bufferSize = options?.bufferSize
    const query = { jobId: id, ...(bufferSize !== undefined && { bufferSize }) }
    const watch = new Watch<T>(
      {
        feed: this.#feed,
        subscribe: () => this.#subscription<T>(query, this.#beginWatch(id, options)),
        look: () => this.#look(id),
      },
      signalOf(options),
    )
    return new LiveIterator(watch.sights(), watch.ending, async () => null)
  }

  /** Ends all, and frees the feed. */
  close(): Promise<void> {
    return this.#feed.close()
  }

  #subscription<T extends JobCore>(options: SubscribeOptions, begin: Promise<Beginning>): Subscription<T> {
    const { backend, events } = this.#parts
    const { signal: _, after: __, conflateProgress = false, bufferSize = 10_000, ...asked } = options ?? {}
    // A driver may take a text that is no id for another one.
    const filter = asksForNothing(asked) ? { ...asked, jobId: NO_ID } : asked
    const parts = { backend, events, feed: this.#feed }
    return new Subscription<T>(parts, { filter, conflateProgress, bufferSize }, begin, signalOf(options))
  }

  async #beginWatch(id: string, options: WatchOptions): Promise<Beginning> {
    requireText('id', id)
    requireWatchOptions(options)
    const { bufferSize } = options
    return this.#begin(bufferSize === undefined ? {} : { bufferSize })
  }

  /** The log's end is asked for before anything that the caller does next: what it writes then is not missed. */
  async #begin(options: SubscribeOptions): Promise<Beginning> {
    requireSubscribeOptions(options)
    const { after = 'now' } = options
    const { backend, events, lifecycle } = this.#parts
    return lifecycle.call(async () => {
      if (after === 'now') return { positions: (await backend.bounds()).newest, isSure: true }
      return { positions: after === 'start' ? null : events.positionsOf(after), isSure: false }
    })
  }

  async #look(id: string): Promise<JobState> {
    const { backend, read } = this.#parts
    const stored = await read(id)
    if (stored !== null || !isId(id)) return stored ?? { job: null, version: 0, lastEventId: '' }
    const [newest] = (await backend.history(id, null, 1)).events
    // It may have been created since it was read; or it is due, and not swept yet.
    const again = newest === undefined ? null : await read(id)
    return again ?? { job: null, version: newest?.version ?? 0, lastEventId: newest?.id ?? '' }
  }
}

/** Of options that may be anything yet. */
function signalOf(options: { signal?: AbortSignal } | null | undefined): AbortSignal | undefined {
  return options?.signal instanceof AbortSignal ? options.signal : undefined
}
