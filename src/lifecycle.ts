import { setImmediate as nextTurn } from 'node:timers/promises'
import { StoreClosedError, StoreUnavailableError } from './core/errors.ts'

/** How long close() waits for calls under way before it cuts them off. */
const CLOSE_GRACE_MS = 3000

/** What a lifecycle leads. */
export interface Led {
  /** Opens it. Called again after it failed. */
  open: () => Promise<void>
  /** Resolves when all that was gathered before close() is done. */
  drain: () => Promise<unknown>
  /** Frees everything; what is still under way fails. */
  close: () => Promise<void>
}

/**
 * A store's states: new, opening, open, closing, closed. The first call opens it, all calls wait for that, and one that
 * failed to open is opened anew by the next call. close() lets what is under way end, for three seconds, then cuts it off;
 * whatever comes after it is refused.
 */
export class Lifecycle {
  readonly #led: Led
  readonly #calls = new Set<Promise<unknown>>()
  readonly #closed = new AbortController()
  #isOpen = false
  #opening: Promise<void> | null = null
  #closing: Promise<void> | null = null

  constructor(led: Led) {
    this.#led = led
  }

  /** Aborted by close(): for walks over the log, which are not waited for. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  get isClosing(): boolean {
    return this.#closing !== null
  }

  /** @throws StoreClosedError */
  requireOpen(): void {
    if (this.#closing !== null) throw new StoreClosedError()
  }

  /** Makes a call once the store is open; close() waits for it. */
  call<R>(call: () => Promise<R>): Promise<R> {
    return this.track(() => this.afterOpen(call))
  }

  /** Lets close() wait for a call, which opens the store by itself if it needs it. */
  async track<R>(call: () => Promise<R>): Promise<R> {
    this.requireOpen()
    return this.finish(call())
  }

  /** Lets close() wait for what a command that was answered still has to do, also if it was called meanwhile. */
  async finish<R>(work: Promise<R>): Promise<R> {
    this.#calls.add(work)
    try {
      return await work
    } catch (error) {
      throw this.cutOff(error)
    } finally {
      this.#calls.delete(work)
    }
  }

  /** Makes a call once the store is open, also after close(): what was gathered before is finished. */
  async afterOpen<R>(call: () => Promise<R>): Promise<R> {
    if (!this.#isOpen) await this.open()
    return call()
  }

  open(): Promise<void> {
    this.#opening ??= this.#led.open().then(
      () => {
        this.#isOpen = true
      },
      (error: unknown) => {
        this.#opening = null
        throw error
      },
    )
    return this.#opening
  }

  /** What close() cut off ends as closed, whatever the backend made of it. */
  cutOff(error: unknown): unknown {
    const isCut = this.#closing !== null && error instanceof StoreUnavailableError
    return isCut ? new StoreClosedError(undefined, { cause: error }) : error
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#shut()
    return this.#closing
  }

  async #shut(): Promise<void> {
    this.#closed.abort(new StoreClosedError())
    const drained = this.#drain()
    await within(drained, CLOSE_GRACE_MS)
    await this.#led.close()
    await drained
  }

  async #drain(): Promise<void> {
    await Promise.all([this.#led.drain(), Promise.allSettled(this.#calls)])
    // What a command still has to do it begins in the turn in which it is answered.
    await nextTurn()
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls)
  }
}

/** Waits for the work, or for so long. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
