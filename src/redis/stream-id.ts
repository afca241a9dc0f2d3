/** As Redis writes one: milliseconds and a number among those of the same millisecond, without zeros before them. */
const FORM = /^(0|[1-9]\d{0,19})-(0|[1-9]\d{0,19})$/

/** What each half of an id is at most: 64 bits. */
const LARGEST = 2n ** 64n - 1n

/** Whether Redis takes a text for the id of an entry that others may come after: not so the last id of all. */
export function isStreamId(text: string): boolean {
  const [, ms, number] = FORM.exec(text) ?? []
  if (ms === undefined || number === undefined) return false
  const halves = [BigInt(ms), BigInt(number)]
  return halves.every((half) => half <= LARGEST) && halves.some((half) => half < LARGEST)
}
