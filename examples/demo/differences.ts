import { grouped } from '../../src/cli/terminal/text.ts'
import { printable } from '../../src/core/printable.ts'

/** What one check found. */
export interface Verdict {
  isRight: boolean
  text: string
}

/** What a check found wrong: the first thing, and how many there are. A store may be wrong about everything. */
export class Differences {
  readonly #subject: string
  #first = ''
  #count = 0

  /** @param subject what is checked */
  constructor(subject: string) {
    this.#subject = subject
  }

  add(what: string): void {
    if (this.#count++ === 0) this.#first = what
  }

  compare(what: string, expected: number, found: number): void {
    if (found !== expected) this.add(`${what}: expected ${grouped(expected)}, found ${grouped(found)}`)
  }

  /** @param right what to say if nothing is wrong */
  verdict(right: string): Verdict {
    if (this.#count === 0) return { isRight: true, text: `${this.#subject}: ${right}` }
    const more = this.#count === 1 ? '' : ` (and ${grouped(this.#count - 1)} more)`
    return { isRight: false, text: `${this.#subject}: ${this.#first}${more}` }
  }
}

/** A name of others', quoted. */
export function show(name: string): string {
  return JSON.stringify(printable(name))
}
