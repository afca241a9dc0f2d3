import { jsonOf } from './json.ts'
import type { Screen, Style } from './screen.ts'
import { printTable, type Table } from './table.ts'
import { printable } from '../../core/printable.ts'
import { LONGEST_VALUE } from './text.ts'

/**
 * What a command has to say. All that a command prints goes through here, and leaves without anything that could steer
 * a terminal: ids and payloads are other people's.
 */
export class Output {
  readonly #screen: Screen

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** Columns of a value that stands among others: into a file or a pipe it goes whole. */
  get longestValue(): number {
    return this.#screen.width === Infinity ? Infinity : LONGEST_VALUE
  }

  /** One line of text. */
  line(text: string, style?: Style): void {
    const clean = printable(text)
    this.#screen.print(style === undefined ? clean : this.#screen.style(style, clean))
  }

  heading(text: string): void {
    this.#screen.heading(printable(text))
  }

  table(table: Table): void {
    printTable(this.#screen, table)
  }

  /** A whole document, over several lines. */
  json(value: unknown): void {
    this.#screen.print(jsonOf(value, 2))
  }

  /** One of many values, each on a line. */
  jsonLine(value: unknown): void {
    this.#screen.print(jsonOf(value))
  }
}
