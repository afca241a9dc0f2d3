import { SHORT_TEXT, writeShortAscii } from '../short-ascii.ts'

/** In place of a length: four bytes with it follow. */
const LONG = 255

type Encoding = 'utf8' | 'latin1'

/** Writes numbers and texts one after the other into bytes that are used again and again. */
export class RecordWriter {
  #bytes = Buffer.allocUnsafe(1024)
  #length = 0

  begin(): void {
    this.#length = 0
  }

  /** What was written since begin(), until the next one. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  number(value: number): void {
    this.#reserve(8)
    this.#length = this.#bytes.writeDoubleLE(value, this.#length)
  }

  text(value: string, encoding: Encoding): void {
    const { length: characters } = value
    if (characters <= SHORT_TEXT && this.#writeAscii(value)) return
    const length = encoding === 'latin1' ? characters : Buffer.byteLength(value)
    this.#reserve(5 + length)
    this.#bytes[this.#length++] = Math.min(length, LONG)
    if (length >= LONG) this.#length = this.#bytes.writeUInt32LE(length, this.#length)
    this.#length += this.#bytes.write(value, this.#length, encoding)
  }

  /** @returns false, and nothing is written, if it is not all ASCII */
  #writeAscii(value: string): boolean {
    this.#reserve(1 + SHORT_TEXT)
    const start = this.#length + 1
    if (!writeShortAscii(this.#bytes, value, start)) return false
    this.#bytes[this.#length] = value.length
    this.#length = start + value.length
    return true
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], needed * 2)
  }
}

/** Reads what a RecordWriter wrote. */
export class RecordReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes
    this.#at = start
  }

  number(): number {
    const value = this.#bytes.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  text(encoding: Encoding): string {
    let length = this.#bytes[this.#at++] as number
    if (length === LONG) {
      length = this.#bytes.readUInt32LE(this.#at)
      this.#at += 4
    }
    const start = this.#at
    this.#at += length
    return this.#bytes.toString(encoding, start, this.#at)
  }
}
