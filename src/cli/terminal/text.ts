/** Columns of a value that stands among others. */
export const LONGEST_VALUE = 60

/** Width in a terminal's columns: two for East Asian and emoji, none for what combines with the one before. */
export function widthOf(text: string): number {
  // Most is ASCII, and a value may be long.
  if (/^[ -~]*$/.test(text)) return text.length
  let width = 0
  for (const character of text) width += /\p{M}|\u200d/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

/** The text, or as much of its beginning as fits. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let short = ''
  for (const character of text) {
    if (widthOf(short + character) > width - 1) break
    short += character
  }
  return `${short}…`
}

/** Cut or filled with spaces to exactly this width. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const short = cut(text, width)
  const space = ' '.repeat(Math.max(0, width - widthOf(short)))
  return align === 'left' ? short + space : space + short
}

/** Broken at spaces into lines of at most this width; a longer word anywhere. */
export function wrap(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((whole) => pieces(whole, width))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function pieces(word: string, width: number): string[] {
  if (widthOf(word) <= width) return [word]
  const all: string[] = []
  let piece = ''
  for (const character of word) {
    if (widthOf(piece + character) > width) {
      all.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...all, piece]
}

/** 18239 as 18,239. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** '1 job', '18,239 jobs'. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A time of day, UTC, to the millisecond. */
export function timeOfDay(time: Date): string {
  return time.toISOString().slice(-13, -1)
}

/** A date and a time of day, UTC, to the millisecond. */
export function dateTime(time: Date): string {
  return time.toISOString().slice(0, -1).replace('T', ' ')
}

/** A date, UTC: 1 Oct 1993. */
export function day(time: Date): string {
  return time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
}
