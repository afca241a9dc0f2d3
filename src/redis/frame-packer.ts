import { SHORT_TEXT, writeShortAscii } from './short-ascii.ts'

/** In place of a length: the value is the next argument. */
export const LONG = 255

/** Bytes that a packing may be larger than the one before it without being copied. */
const ROOM = 1024

/**
 * Packs values one after the other into one argument of a script, as lua/lib/take.lua reads them: a byte with the
 * length and the value, or 255 for one that goes as an argument by itself. A thousand arguments a call cost ioredis and
 * Redis more than all that is done with them.
 *
 * Keep one and use it again and again: of objects that are made for each call none is left at a full collection, so V8
 * forgets their shape, and with it the code that it has optimized for them.
 */
export class FramePacker {
  #bytes: Buffer = Buffer.allocUnsafe(ROOM)
  #length = 0
  #long: Buffer[] = []
  #marks = 0

  /** Text, as UTF-8. */
  pushText(value: string): void {
    const { length } = value
    if (length * 3 >= LONG) return this.pushBytes(Buffer.from(value))
    this.#reserve(1 + length * 3)
    const start = this.#length + 1
    const isWritten = length <= SHORT_TEXT && writeShortAscii(this.#bytes, value, start)
    const written = isWritten ? length : this.#bytes.write(value, start)
    this.#bytes[start - 1] = written
    this.#length = start + written
  }

  /** Bytes that are held as text of a character each. */
  pushLatin1(value: string): void {
    if (value.length >= LONG) return this.pushBytes(Buffer.from(value, 'latin1'))
    this.#reserve(1 + value.length)
    this.#bytes[this.#length] = value.length
    this.#length += 1 + this.#bytes.write(value, this.#length + 1, 'latin1')
  }

  /** A part of some bytes, by default all. They must not change until the script has run. */
  pushBytes(value: Buffer, start = 0, end: number = value.length): void {
    const length = end - start
    if (length < LONG) {
      this.#reserve(1 + length)
      const bytes = this.#bytes
      let at = this.#length
      bytes[at++] = length
      // For so few bytes a loop is quicker than set().
      for (let from = start; from < end; from++) bytes[at++] = value[from] as number
      this.#length = at
    } else {
      this.#reserve(1)
      this.#bytes[this.#length++] = LONG
      this.#marks++
      this.#long.push(length === value.length ? value : value.subarray(start, end))
    }
  }

  /** A value that goes as an argument by itself without a mark in its place: whoever takes it knows. */
  pushLong(value: Buffer): void {
    this.#long.push(value)
  }

  /** How many values were pushed so far that are arguments by themselves, but for those of pushLong. */
  get marks(): number {
    return this.#marks
  }

  /** Where the next value will stand. */
  get place(): number {
    return this.#length
  }

  /** Writes another byte in place of one that was packed. */
  patch(place: number, byte: number): void {
    this.#bytes[place] = byte
  }

  /** Nothing, which stands for none. */
  pushEmpty(): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = 0
  }

  /** What was packed since the last time: the frames, then the long values. */
  finish(): Buffer[] {
    const packed = [this.#bytes.subarray(0, this.#length), ...this.#long]
    this.#bytes = Buffer.allocUnsafe(this.#length + ROOM)
    this.#length = 0
    this.#long = []
    return packed
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
