/** Longer texts are not written one by one: past this a call into the encoder costs less. */
export const SHORT_TEXT = 48

/** Writes a text of at most SHORT_TEXT characters, for which there must be room. @returns false if it is not all ASCII */
export function writeShortAscii(bytes: Buffer, text: string, start: number): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 127) return false
    bytes[start + index] = unit
  }
  return true
}
