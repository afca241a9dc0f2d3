/** A line without its end, and its number: 1 for the first. */
export interface Line {
  text: string
  number: number
}

/** Makes the error of a line that can't be read. */
export type RefuseLine = (line: number, expected: string, received: unknown) => Error

/** Characters of a line at most: a file without an end of line must not fill the memory. */
const MAX_LINE_LENGTH = 64 * 1024 * 1024

/**
 * Splits text into lines of JSON objects or arrays, and leaves empty lines out. It takes what there is at hand: chunks of
 * a file, cut anywhere, in the middle of a character too; or whole lines without their ends, as node:readline gives them.
 * @throws what `refuse` makes, for bytes that are no UTF-8 and for a line without an end
 */
export async function* splitLines(
  chunks: AsyncIterable<string | Uint8Array>,
  refuse: RefuseLine,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      throw refuse(number + 1, 'UTF-8', 'other bytes')
    }
  }
  let number = 0
  let rest: string[] = []
  let length = 0
  const takeLine = (): Line => {
    const text = number === 0 ? withoutMark(rest.join('')) : rest.join('')
    rest = []
    length = 0
    return { text, number: ++number }
  }
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? decode() + chunk : decode(chunk)
    if (beginsLine(text) && isWhole(rest)) yield takeLine()
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      rest.push(text.slice(start, end))
      start = end + 1
      const line = takeLine()
      if (line.text.trim() !== '') yield line
    }
    rest.push(text.slice(start))
    length += text.length - start
    if (length > MAX_LINE_LENGTH) throw refuse(number + 1, `at most ${MAX_LINE_LENGTH} characters`, 'a longer line')
  }
  rest.push(decode())
  const last = takeLine()
  if (last.text.trim() !== '') yield last
}

/** Editors put a byte order mark in front, which a decoder takes away and text that was decoded elsewhere still has. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** Whether a chunk may be the beginning of a line. */
function beginsLine(chunk: string): boolean {
  return chunk.startsWith('{') || chunk.startsWith('[')
}

/**
 * Whether the chunks so far, none of which brought an end of line, are a line by themselves. JSON that is complete can't
 * go on, so what was cut in the middle is never taken for whole. The last character spares most chunks the parsing.
 */
function isWhole(chunks: readonly string[]): boolean {
  if (!/[\]}]\r?$/.test(chunks.at(-1) ?? '')) return false
  try {
    JSON.parse(withoutMark(chunks.join('')))
    return true
  } catch {
    return false
  }
}
