/**
 * What may steer a terminal, or make a text look like another: C0, DEL and C1 (which some terminals take for the escapes
 * that they abbreviate), marks of direction, ends of lines and paragraphs.
 */
// oxlint-disable-next-line no-control-regex -- they are what is to be taken out
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** A text of others, fit to print and to log: on one line, with nothing in it that could steer a terminal. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '·')
}

/** The same inside of JSON, where nothing may be lost: each such character as the escape that it is read back from. */
export function escapeUnprintable(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
