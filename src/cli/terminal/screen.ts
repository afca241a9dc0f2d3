import { styleText } from 'node:util'

/** One of the names that node:util's styleText knows, or several. */
export type Style = Parameters<typeof styleText>[0]

/** Columns where nothing says how many there are: a log file, a pipe; a terminal that says 0. */
const DEFAULT_WIDTH = 120
/** Wider tables are harder to read than wrapped ones. */
const MOST_WIDTH = 140

/**
 * What is printed to. Lines that were printed stay. Under them a region may be drawn again and again in place,
 * until it is kept; without a terminal there is no region, and who would draw one prints a line now and then.
 */
export class Screen {
  /** Whether a region can be drawn in place. */
  readonly isLive: boolean
  readonly #stream: NodeJS.WriteStream
  readonly #hasColours: boolean
  readonly #widthElsewhere: number
  #drawn = 0

  /** @param widthElsewhere columns where there is no terminal; Infinity: nothing is cut or wrapped there */
  constructor(
    stream: NodeJS.WriteStream,
    env: Record<string, string | undefined>,
    widthElsewhere: number = DEFAULT_WIDTH,
  ) {
    const isTerminal = stream.isTTY && env['TERM'] !== 'dumb'
    this.#stream = stream
    this.#widthElsewhere = widthElsewhere
    this.isLive = isTerminal && !env['CI']
    this.#hasColours = isTerminal && !env['NO_COLOR']
  }

  get width(): number {
    return this.#stream.isTTY ? Math.min(this.#stream.columns || DEFAULT_WIDTH, MOST_WIDTH) : this.#widthElsewhere
  }

  /** Whether a region of so many lines fits: what has scrolled away can't be drawn again. */
  fits(lines: number): boolean {
    return this.isLive && lines < (this.#stream.rows ?? 0)
  }

  style(style: Style, text: string): string {
    return this.#hasColours ? styleText(style, text, { validateStream: false }) : text
  }

  print(...lines: string[]): void {
    this.keep()
    this.#stream.write(`${lines.join('\n')}\n`)
  }

  heading(text: string): void {
    this.print('', this.style('bold', text))
  }

  /** Draws the region again. No line may be wider than the screen. */
  draw(lines: string[]): void {
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : '\x1b[?25l'
    this.#stream.write(`${up}\r${lines.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[J`)
    this.#drawn = lines.length
  }

  /** Takes the region away again. */
  erase(): void {
    if (this.#drawn > 0) this.#stream.write(`\x1b[${this.#drawn}A\r\x1b[J\x1b[?25h`)
    this.#drawn = 0
  }

  /** Leaves the region as it was drawn last: what follows stands under it. Idempotent. */
  keep(): void {
    if (this.#drawn > 0) this.#stream.write('\x1b[?25h')
    this.#drawn = 0
  }

  /** Shows the cursor again, which another screen on this terminal may have hidden: for a process that ends midway. */
  restore(): void {
    if (this.isLive) this.#stream.write('\x1b[?25h')
  }
}
