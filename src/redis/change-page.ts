/** In place of a length: four bytes with it follow. */
const LONG = 255

/** The fields of an event, by name and place. */
export const FIELD = { id: 0, sequence: 1, type: 2, job: 3, user: 4, version: 5, removed: 6, data: 7 } as const
const FIELDS = Object.keys(FIELD).length
type Field = (typeof FIELD)[keyof typeof FIELD]

/**
 * Reads what lua/changes.lua packs, event by event, in place: nothing is copied or made into text that nobody asks for.
 * Each field of the current event stands between two places of `bytes`.
 */
export class ChangePage {
  readonly bytes: Buffer
  /** Start and end of each field of the current event, in turn. */
  readonly #spans: number[] = []
  #at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** Goes on to the next event. @returns false at the end */
  next(): boolean {
    if (this.#at >= this.bytes.length) return false
    for (let field = 0; field < FIELDS; field++) {
      let length = this.bytes[this.#at++] as number
      if (length === LONG) {
        length = this.bytes.readUInt32BE(this.#at)
        this.#at += 4
      }
      this.#spans[field * 2] = this.#at
      this.#spans[field * 2 + 1] = this.#at += length
    }
    return true
  }

  start(field: Field): number {
    return this.#spans[field * 2] as number
  }

  end(field: Field): number {
    return this.#spans[field * 2 + 1] as number
  }

  isEmpty(field: Field): boolean {
    return this.start(field) === this.end(field)
  }

  text(field: Field): string {
    return this.bytes.toString('utf8', this.start(field), this.end(field))
  }

  /** Text of ASCII. */
  ascii(field: Field): string {
    return this.bytes.toString('latin1', this.start(field), this.end(field))
  }

  /** A whole number in decimal digits. */
  number(field: Field): number {
    let value = 0
    for (let at = this.start(field); at < this.end(field); at++) value = value * 10 + (this.bytes[at] as number) - ZERO
    return value
  }
}

const ZERO = 0x30
