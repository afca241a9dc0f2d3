/** The end of an iteration, which comes from outside, while it may be waiting: open, then ended for good. */
export class Ending {
  readonly #signal: AbortSignal | undefined
  readonly #onEnd: () => void
  #isEnded = false
  #wake: () => void = () => {}

  /**
   * @param signal ends it too
   * @param onEnd called once, at once
   */
  constructor(signal: AbortSignal | undefined, onEnd: () => void) {
    this.#signal = signal
    this.#onEnd = onEnd
    signal?.addEventListener('abort', this.end)
    if (signal?.aborted === true) this.end()
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Idempotent. */
  readonly end = (): void => {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#signal?.removeEventListener('abort', this.end)
    this.#onEnd()
    this.#wake()
  }

  /**
   * Waits for work, or the end. One may wait at a time.
   * @returns null if the end came first; what becomes of the work then is nobody's concern
   */
  async orEnd<R>(work: Promise<R>): Promise<R | null> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(null)
      if (this.#isEnded) this.#wake()
      work.then(resolve, reject)
    })
  }
}
