/**
 * Work that comes again and again until it is closed: waiting, at work, waiting. A turn that comes while the work is still
 * under way is left out. It keeps no process alive.
 */
export class Recurring {
  readonly #timer: NodeJS.Timeout
  #round: Promise<void> = Promise.resolve()
  #isBusy = false

  /** @param work fails only for what the next turn may mend; who must know is told by the work itself */
  constructor(intervalMs: number, work: () => Promise<void>) {
    this.#timer = setInterval(() => {
      if (this.#isBusy) return
      this.#isBusy = true
      this.#round = work()
        .catch(() => {})
        .finally(() => {
          this.#isBusy = false
        })
    }, intervalMs)
    this.#timer.unref()
  }

  /** Stops, and waits for a round that is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#round
  }
}
