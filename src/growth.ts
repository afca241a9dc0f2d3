/** Tells those who wait that something has grown. Nobody misses a growth: it is counted, and they say what they have seen. */
export class Growth {
  #count = 0
  readonly #waiting = new Set<() => void>()

  /** How often it has grown. */
  get count(): number {
    return this.#count
  }

  advance(): void {
    this.#count++
    for (const wake of this.#waiting) wake()
  }

  /** Resolves once it has grown beyond a count, or the signal aborts. */
  async beyond(count: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== count || signal.aborted) return
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake)
        this.#waiting.delete(wake)
        resolve()
      }
      signal.addEventListener('abort', wake)
      this.#waiting.add(wake)
    })
  }
}
