/** Compares two well-formed texts by their UTF-8 bytes, as Redis and SQLite do; `<` would compare UTF-16 units. */
export function compareBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return rank(a) - rank(b)
  }
  return left.length - right.length
}

/** Surrogates stand for characters above U+FFFF, so they rank above every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** The partition of a job: FNV-1a over its id's UTF-16 units, the same for ever. */
export function partitionOf(jobId: string, partitions: number): number {
  if (partitions === 1) return 0
  let hash = 0x811c9dc5
  for (let index = 0; index < jobId.length; index++) {
    const unit = jobId.charCodeAt(index)
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193)
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193)
  }
  hash ^= hash >>> 16
  return (hash >>> 0) % partitions
}

/**
 * Compares two places in a log, numbers with hyphens between, by the numbers that both have: an event's id may have its
 * partition before them.
 * @returns less than 0, 0 or more, as for sort()
 */
export function comparePlaces(left: string, right: string): number {
  const [own, others] = [left, right].map((place) => place.split('-').map(Number).reverse()) as [number[], number[]]
  for (let index = Math.min(own.length, others.length) - 1; index >= 0; index--) {
    const difference = (own[index] as number) - (others[index] as number)
    if (difference !== 0) return difference
  }
  return 0
}
