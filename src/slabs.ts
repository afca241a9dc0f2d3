/** Bytes of one slab. */
const SLAB_BYTES = 262_144
/** What is larger has a slab of its own, so that little is left empty. */
const LARGE_BYTES = SLAB_BYTES / 8

/** Where some bytes are kept. */
export interface Slice {
  slab: Buffer
  start: number
  end: number
}

/**
 * Keeps copies of many small values outside the heap, one behind the other, so that the garbage collector does not move
 * them. A slab is there for as long as anything of it is held: good for what is let go of in about the order in which it
 * came.
 */
export class Slabs {
  #slab: Buffer = Buffer.alloc(0)
  #length = 0

  /** @returns where the copy is; nobody writes there any more */
  keep(bytes: Uint8Array): Slice {
    if (bytes.length > LARGE_BYTES) return { slab: Buffer.from(bytes), start: 0, end: bytes.length }
    if (this.#length + bytes.length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
      this.#length = 0
    }
    const start = this.#length
    this.#slab.set(bytes, start)
    this.#length += bytes.length
    return { slab: this.#slab, start, end: this.#length }
  }
}
