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

/** Many things being done: how many, how fast, how long still. Redrawn in place, or a line now and then. */
export class ProgressBar {
  done = 0
  readonly #screen: Screen
  readonly #total: number
  readonly #noun: string
  readonly #startedAt = performance.now()
  readonly #timer: NodeJS.Timeout

  /**
   * @param total at least 1
   * @param noun what is counted, in the singular
   */
  constructor(screen: Screen, total: number, noun: string) {
    this.#screen = screen
    this.#total = total
    this.#noun = noun
    this.#timer = setInterval(() => this.#show(), screen.isLive ? REDRAW_MS : LINE_EVERY_MS)
    if (screen.isLive) this.#show()
  }

  /** Shows where it ended. @returns how many seconds it took */
  stop(): number {
    const seconds = this.#seconds
    clearInterval(this.#timer)
    this.#show()
    this.#screen.keep()
    return seconds
  }

  get #seconds(): number {
    return (performance.now() - this.#startedAt) / 1000
  }

  #show(): void {
    if (this.#screen.isLive) this.#screen.draw([this.#line()])
    else this.#screen.print(this.#line())
  }

  #line(): string {
    const fraction = this.done / this.#total
    const rate = this.done / Math.max(this.#seconds, 0.001)
    const count = `${grouped(this.done)} of ${counted(this.#total, this.#noun)}`
    const parts = [percent(fraction), count, `${grouped(rate)} ${this.#noun}s/s`, this.#time(rate)]
    const text = cut(parts.join('  '), this.#screen.width - 3)
    const room = Math.min(BAR_WIDTH, this.#screen.width - 4 - text.length)
    if (!this.#screen.isLive || room < LEAST_BAR_WIDTH) return `  ${text}`
    const { filled, empty } = bar(fraction, room)
    return `  ${this.#screen.style('green', filled)}${this.#screen.style('dim', empty)} ${text}`
  }

  #time(rate: number): string {
    if (this.done >= this.#total) return `${this.#seconds.toFixed(1)} s`
    return rate === 0 ? '' : `${duration((this.#total - this.done) / rate)} left`
  }
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`.padStart(5)
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
