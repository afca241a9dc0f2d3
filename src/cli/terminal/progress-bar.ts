import type { Screen } from './screen.ts'
import { counted, cut, grouped } from './text.ts'

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const BAR_WIDTH = 30
const LEAST_BAR_WIDTH = 4
const REDRAW_MS = 100
const LINE_EVERY_MS = 2000

/** A bar of so many columns, filled to a fraction of them, in eighths of a column. */
export function bar(fraction: number, width: number): { filled: string; empty: string } {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8)
  const filled = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
  return { filled, empty: '░'.repeat(width - filled.length) }
}

/** How far something is. */
export interface Progress {
  done: number
  /** From 0 to 1. */
  fraction: number
}

/** Many things being done: how many, how fast, how long still. Redrawn in place, or a line now and then. */
export class ProgressBar {
  readonly #screen: Screen
  readonly #noun: string
  readonly #total: number | null
  readonly #startedAt = performance.now()
  readonly #timer: NodeJS.Timeout
  #progress: Progress = { done: 0, fraction: 0 }

  /**
   * @param noun what is counted, in the singular
   * @param total how many there are, if that is known
   */
  constructor(screen: Screen, noun: string, total: number | null = null) {
    this.#screen = screen
    this.#noun = noun
    this.#total = total
    this.#timer = setInterval(() => this.#show(), screen.isLive ? REDRAW_MS : LINE_EVERY_MS)
    if (screen.isLive) this.#show()
  }

  /** Is shown when its time has come. */
  update(progress: Progress): void {
    this.#progress = progress
  }

  /** Shows where it ended. @returns how many seconds it took */
  stop(): number {
    const seconds = this.#seconds
    clearInterval(this.#timer)
    this.#show()
    this.#screen.keep()
    return seconds
  }

  /** Stops, and takes away what was drawn. */
  erase(): void {
    clearInterval(this.#timer)
    this.#screen.erase()
  }

  get #seconds(): number {
    return (performance.now() - this.#startedAt) / 1000
  }

  #show(): void {
    if (this.#screen.isLive) this.#screen.draw([this.#line()])
    else this.#screen.print(this.#line())
  }

  #line(): string {
    const { done, fraction } = this.#progress
    const rate = done / Math.max(this.#seconds, 0.001)
    const count =
      this.#total === null ? counted(done, this.#noun) : `${grouped(done)} of ${counted(this.#total, this.#noun)}`
    const parts = [percent(fraction), count, `${grouped(rate)} ${this.#noun}s/s`, this.#time(fraction)]
    const text = cut(parts.join('  '), this.#screen.width - 3)
    const room = Math.min(BAR_WIDTH, this.#screen.width - 4 - text.length)
    if (!this.#screen.isLive || room < LEAST_BAR_WIDTH) return `  ${text}`
    const { filled, empty } = bar(fraction, room)
    return `  ${this.#screen.style('green', filled)}${this.#screen.style('dim', empty)} ${text}`
  }

  #time(fraction: number): string {
    if (fraction >= 1) return `${this.#seconds.toFixed(1)} s`
    return fraction <= 0 ? '' : `${duration((this.#seconds * (1 - fraction)) / fraction)} left`
  }
}

function percent(fraction: number): string {
  return `${Math.floor(Math.min(1, fraction) * 100)} %`.padStart(5)
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
