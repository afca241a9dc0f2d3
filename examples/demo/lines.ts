import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** A line of a file: 1 for the first. */
export interface Line {
  number: number
  text: string
}

/** A file that isn't what was asked for; the message names the file and the line. */
export class InputError extends Error {}

/** A longer line is none: it would have to be held whole. */
const LONGEST_LINE = 1_048_576

/**
 * The lines of a text file, gzipped or not, blank ones left out. Read in pieces: a file may be larger than memory.
 * @throws InputError, and what the file system says
 */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder()
  let number = 0
  let rest = ''
  try {
    for await (const chunk of await bytesOf(path)) {
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) {
        number++
        if (text.trim() !== '') yield { number, text }
      }
      if (rest.length > LONGEST_LINE)
        throw new InputError(
          `${path}, line ${number + 1}: longer than ${LONGEST_LINE} characters, expected a job a line.`,
        )
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code?.startsWith('Z_') === true)
      throw new InputError(`${path}, after line ${number}: damaged gzip data (${message}).`, { cause: error })
    throw error
  }
  if (rest.trim() !== '') yield { number: number + 1, text: rest }
}

async function bytesOf(path: string): Promise<Readable> {
  const file = await open(path)
  try {
    if (!(await file.stat()).isFile()) throw new InputError(`${path}: expected a file, since it is read twice.`)
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    const isGzip = buffer[0] === 0x1f && buffer[1] === 0x8b
    const bytes = createReadStream(path)
    if (!isGzip) return bytes
    const gunzip = createGunzip()
    bytes.once('error', (error) => gunzip.destroy(error))
    return bytes.pipe(gunzip)
  } finally {
    await file.close()
  }
}
