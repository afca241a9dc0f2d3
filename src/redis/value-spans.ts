/**
 * Where each value of a msgpack map stands, so that one can be taken out without decoding, or encoding it again.
 * @param map as msgpackr writes it, text as names
 * @returns start and end of each value, one after the other, in the order of the map
 */
export function valueSpans(map: Uint8Array): number[] {
  const spans: number[] = []
  let at = afterHeader(map)
  while (at < map.length) {
    const start = skip(map, at)
    at = skip(map, start)
    spans.push(start, at)
  }
  return spans
}

/**
 * The same with names.
 * @returns start and end of each name, and of its value, in the order of the map
 */
export function fieldSpans(map: Uint8Array): number[] {
  const spans: number[] = []
  let at = afterHeader(map)
  while (at < map.length) {
    const value = skip(map, at)
    const next = skip(map, value)
    spans.push(at + nameHeader(map[at] as number), value, value, next)
    at = next
  }
  return spans
}

/** Bytes before a text's own. */
function nameHeader(first: number): number {
  return first < 0xc0 ? 1 : first - 0xd7 + (first === 0xdb ? 1 : 0)
}

function afterHeader(map: Uint8Array): number {
  const first = map[0] as number
  return first === 0xde ? 3 : first === 0xdf ? 5 : 1
}

/**
 * Bytes behind the first one, by that byte, from 0xc0 on; negative: the bytes of a length that follows. In turn: nil,
 * (never used), false, true; bin; ext (and one byte more for its type); float; uint; int; fixext; str.
 */
const SIZES = [
  [0, 0, 0, 0],
  [-1, -2, -4],
  [-1, -2, -4],
  [4, 8],
  [1, 2, 4, 8],
  [1, 2, 4, 8],
  [2, 3, 5, 9, 17],
  [-1, -2, -4],
].flat()

/** The place just after the value that begins here, and all that is in it. */
function skip(bytes: Uint8Array, start: number): number {
  let at = start
  for (let left = 1; left > 0; left--) {
    const first = bytes[at++] as number
    if (first < 0x80 || first >= 0xe0) continue
    if (first < 0x90) left += (first & 15) * 2
    else if (first < 0xa0) left += first & 15
    else if (first < 0xc0) at += first & 31
    else if (first >= 0xdc) {
      const size = first % 2 === 0 ? 2 : 4
      left += readLength(bytes, at, size) * (first >= 0xde ? 2 : 1)
      at += size
    } else {
      const size = SIZES[first - 0xc0] as number
      if (size >= 0) at += size
      else at += readLength(bytes, at, -size) - size + (first >= 0xc7 && first <= 0xc9 ? 1 : 0)
    }
  }
  return at
}

function readLength(bytes: Uint8Array, at: number, size: number): number {
  let length = 0
  for (let index = 0; index < size; index++) length = length * 256 + (bytes[at + index] as number)
  return length
}
