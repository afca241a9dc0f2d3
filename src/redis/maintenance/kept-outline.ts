import type { EventId } from '../../core/event.ts'
import type { Outline } from '../../outlines.ts'
import type { Place } from '../../place.ts'
import type { StreamEntry } from '../event-entries.ts'
import { JobOutline, type OutlineContext } from './job-outline.ts'
import { RecordReader, RecordWriter } from './record.ts'

/** Bytes that are asked of the system at once. */
const CHUNK_BYTES = 1_048_576
/** What a kept outline takes besides its record: itself, the job's id and a Map's entry. */
const OWN_BYTES = 200

/** Gives out room in large pieces of memory, which the garbage collector frees when nothing in one is used any more. */
export class OutlineShelf {
  readonly record: RecordWriter = new RecordWriter()
  #chunk: Buffer = Buffer.alloc(0)
  #free = 0

  /** Room for so many bytes. */
  reserve(bytes: number): { chunk: Buffer; start: number } {
    if (this.#free + bytes > this.#chunk.length) {
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes))
      this.#free = 0
    }
    const start = this.#free
    this.#free += bytes
    return { chunk: this.#chunk, start }
  }
}

/**
 * An outline in a few bytes beside the heap: as an object of a dozen parts it takes 600 bytes, and V8 lets a heap of such
 * grow to three times that before it collects what was replaced.
 */
export class KeptOutline implements Outline {
  readonly #context: OutlineContext
  readonly #shelf: OutlineShelf
  #chunk: Buffer | null = null
  #start = 0
  /** Bytes that the record may have where it stands. */
  #room = 0

  constructor(context: OutlineContext, shelf: OutlineShelf) {
    this.#context = context
    this.#shelf = shelf
  }

  get eventId(): EventId {
    return this.read().eventId
  }

  get place(): Place | null {
    return this.read().place
  }

  get bytes(): number {
    // What it has outgrown stands there still.
    return OWN_BYTES + 2 * this.#room
  }

  /** Takes the job's next event. */
  take(entry: StreamEntry): void {
    const outline = this.read()
    outline.take(entry)
    const { record } = this.#shelf
    record.begin()
    outline.write(record)
    const { bytes } = record
    if (bytes.length > this.#room) {
      // A progress grows by a digit or two.
      this.#room = bytes.length + 8
      const { chunk, start } = this.#shelf.reserve(this.#room)
      this.#chunk = chunk
      this.#start = start
    }
    bytes.copy(this.#chunk as Buffer, this.#start)
  }

  /** A copy in parts. */
  read(): JobOutline {
    const outline = new JobOutline(this.#context)
    if (this.#chunk !== null) outline.read(new RecordReader(this.#chunk, this.#start))
    return outline
  }
}
