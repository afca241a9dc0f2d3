import { createHash } from 'node:crypto'

/** Numbers of 32 bits that one key's digest takes: 128 bits, so that no two keys in the world share one. */
const WORDS = 4

/** Slots of the first table: a power of two. */
const FIRST_SLOTS = 1024

/**
 * The keys that have come by, in 21 to 43 bytes a key, whatever its length: a Set takes 77 with
 * UUIDs as ids, and ends at 16 million. A hash table of digests; where a slot is taken, the next free one is.
 */
export class SeenKeys {
  #table = new Uint32Array(FIRST_SLOTS * WORDS)
  #size = 0

  /** Remembers a key. @returns whether it is new */
  add(key: string): boolean {
    const digest = digestOf(key)
    const slot = slotOf(this.#table, digest)
    if (!isFree(this.#table, slot)) return false
    this.#table.set(digest, slot)
    if (++this.#size * WORDS > this.#table.length * 0.75) this.#grow()
    return true
  }

  #grow(): void {
    const larger = new Uint32Array(this.#table.length * 2)
    for (let slot = 0; slot < this.#table.length; slot += WORDS) {
      if (isFree(this.#table, slot)) continue
      const digest = this.#table.subarray(slot, slot + WORDS)
      larger.set(digest, slotOf(larger, digest))
    }
    this.#table = larger
  }
}

/** A table's length is a power of two, so that the digest's low bits choose the slot. */
function slotOf(table: Uint32Array, digest: Uint32Array): number {
  let slot = ((digest[0] ?? 0) * WORDS) % table.length
  while (!isFree(table, slot) && !isAt(table, slot, digest)) slot = (slot + WORDS) % table.length
  return slot
}

function isFree(table: Uint32Array, slot: number): boolean {
  for (let word = 0; word < WORDS; word++) if (table[slot + word] !== 0) return false
  return true
}

function isAt(table: Uint32Array, slot: number, digest: Uint32Array): boolean {
  for (let word = 0; word < WORDS; word++) if (table[slot + word] !== digest[word]) return false
  return true
}

function digestOf(key: string): Uint32Array {
  const bytes = createHash('sha256').update(key).digest()
  return Uint32Array.from({ length: WORDS }, (_, word) => bytes.readUInt32LE(word * 4))
}
