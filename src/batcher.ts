import type { Batching } from './backend.ts'
import { StoreUnavailableError } from './core/errors.ts'

/** One thing to be done, and whom to tell. A class, as src/backend.ts says of Applied. */
class Entry<Item, Result> {
  static readonly shape = new Entry(
    null,
    0,
    0,
    () => {},
    () => {},
  )

  readonly item: Item
  readonly bytes: number
  readonly submittedAtMs: number
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void

  constructor(
    item: Item,
    bytes: number,
    submittedAtMs: number,
    resolve: (result: Result) => void,
    reject: (error: unknown) => void,
  ) {
    this.item = item
    this.bytes = bytes
    this.submittedAtMs = submittedAtMs
    this.resolve = resolve
    this.reject = reject
  }
}

/** Does what was gathered, until a deadline (by performance.now()). @returns a result for each item, in order; or why it alone has none */
type Send<Item, Result> = (items: Item[], deadline: number) => Promise<(Result | Error)[]>

/** What a send needs to have any chance. */
const LEAST_TIME_MS = 5

/**
 * Group commit: what comes in while a call is under way leaves together with the next one.
 *
 * An entry is queued, then sending, then settled. A queue that is idle is flushed at the end of the current microtasks,
 * so that a lone call waits for nothing and calls made together leave together. At most `concurrency` sends are under
 * way; each takes the queue's head, up to maxItems and maxBytes, and when it ends the next one leaves. Order is that of
 * submit. Once an entry has waited for maxWaitMs it is rejected where it stands: it was never sent. A send has what is
 * left of that time for the entry that waited longest.
 */
export class Batcher<Item, Result> {
  readonly #send: Send<Item, Result>
  readonly #limits: Batching
  readonly #sizeOf: (item: Item) => number
  #queue: Entry<Item, Result>[] = []
  #head = 0
  #sending = 0
  #isScheduled = false
  #deadline: NodeJS.Timeout | null = null
  #idle: (() => void)[] = []

  constructor(limits: Batching, send: Send<Item, Result>, sizeOf: (item: Item) => number) {
    this.#limits = limits
    this.#send = send
    this.#sizeOf = sizeOf
  }

  /** Queues an item. @returns what send gave for it */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const submittedAtMs = this.#limits.maxWaitMs === Infinity ? 0 : performance.now()
      this.#queue.push(new Entry(item, this.#sizeOf(item), submittedAtMs, resolve, reject))
      this.#schedule()
    })
  }

  /** Resolves once nothing is queued or under way. */
  drain(): Promise<void> {
    if (this.#sending === 0 && this.#queue.length === this.#head) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  #schedule(): void {
    if (this.#isScheduled) return
    if (this.#sending >= this.#limits.concurrency) return this.#watchDeadline()
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#rejectOverdue()
      while (this.#sending < this.#limits.concurrency && this.#head < this.#queue.length) void this.#sendNext()
    })
  }

  async #sendNext(): Promise<void> {
    const batch = this.#take()
    const deadline = (batch[0]?.submittedAtMs ?? 0) + this.#limits.maxWaitMs
    this.#sending++
    try {
      const results = await this.#send(
        batch.map((entry) => entry.item),
        deadline,
      )
      for (const [index, entry] of batch.entries()) {
        const result = results[index] as Result | Error
        if (result instanceof Error) entry.reject(result)
        else entry.resolve(result)
      }
    } catch (error) {
      for (const entry of batch) entry.reject(error)
    }
    this.#sending--
    if (this.#head < this.#queue.length) this.#schedule()
    else if (this.#sending === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #take(): Entry<Item, Result>[] {
    const start = this.#head
    const end = Math.min(this.#queue.length, start + this.#limits.maxItems)
    let bytes = 0
    let next = start
    while (next < end) {
      bytes += this.#queue[next]?.bytes ?? 0
      if (next > start && bytes > this.#limits.maxBytes) break
      next++
    }
    const batch = this.#queue.slice(start, next)
    this.#head = next
    // What has left is let go of soon: the more survives, the more the garbage collector has to move.
    if (this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    return batch
  }

  /** Arms one timer for the queue's head; entries behind it are looked at when it fires. */
  #watchDeadline(): void {
    const head = this.#queue[this.#head]
    if (this.#deadline !== null || head === undefined || this.#limits.maxWaitMs === Infinity) return
    const waitMs = Math.max(1, head.submittedAtMs + this.#limits.maxWaitMs - performance.now())
    this.#deadline = setTimeout(() => {
      this.#deadline = null
      this.#rejectOverdue()
      this.#watchDeadline()
    }, waitMs)
    this.#deadline.unref()
  }

  #rejectOverdue(): void {
    if (this.#limits.maxWaitMs === Infinity) return
    // With next to no time left a send would only end as unknown.
    const { maxWaitMs } = this.#limits
    const before = performance.now() - maxWaitMs + Math.min(LEAST_TIME_MS, maxWaitMs / 10)
    while (this.#head < this.#queue.length) {
      const entry = this.#queue[this.#head]
      if (entry === undefined || entry.submittedAtMs > before) return
      this.#head++
      const message = `The command waited ${this.#limits.maxWaitMs} ms for its turn and was never sent, since the store did not answer the ones before it.`
      entry.reject(new StoreUnavailableError(message, { outcome: 'rejected' }))
    }
    if (this.#sending === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }
}
