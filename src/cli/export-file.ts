import { randomBytes } from 'node:crypto'
import { createWriteStream, openSync, type Stats } from 'node:fs'
import { readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { isatty, WriteStream } from 'node:tty'

/** What is written under a name: a file has it once it is whole; whatever else is there takes the lines as they come. */
export interface ExportFile {
  /** What becomes of what is there already; null if nothing is. */
  warning: string | null
  open: () => Writable
  /** Gives a whole file its name. */
  finish: () => Promise<void>
  /** Leaves nothing behind that is not finished. Idempotent. */
  discard: () => Promise<void>
}

/** Looks at what has the name; nothing is made or changed before open(). */
export async function exportFile(path: string): Promise<ExportFile> {
  const there = await unlessMissing(stat(path))
  if (there !== null && !there.isFile()) return specialFile(path, there)
  const place = await placeOf(path)
  // Anybody may have a file of any name that could be thought of.
  const unfinished = `${place}.${randomBytes(6).toString('hex')}.unfinished`
  return {
    warning: there === null ? null : `The file ${path} is there already and will be replaced.`,
    // Whoever could not read the old one can not read the new one either.
    open: () => createWriteStream(unfinished, { flags: 'wx', ...(there !== null && { mode: there.mode & 0o777 }) }),
    finish: () => rename(unfinished, place),
    discard: () => rm(unfinished, { force: true }),
  }
}

/** A pipe or a device, which is written to and not replaced. */
function specialFile(path: string, stats: Stats): ExportFile {
  return {
    warning: `${path} is there already, is no file, and will be written to.`,
    open: () => {
      // To open a pipe can take as long as its reader likes: only a device is opened at once.
      if (!stats.isCharacterDevice()) return createWriteStream(path)
      const fd = openSync(path, 'w')
      return isatty(fd) ? new WriteStream(fd) : createWriteStream(path, { fd })
    },
    finish: async () => {},
    discard: async () => {},
  }
}

/** Where a file of this path is, or would be, behind all links. */
async function placeOf(path: string): Promise<string> {
  const place = await unlessMissing(realpath(path))
  if (place !== null) return place
  const link = await readlink(path).catch(() => null)
  return link === null ? path : placeOf(resolve(await realpath(dirname(path)), link))
}

async function unlessMissing<V>(found: Promise<V>): Promise<V | null> {
  try {
    return await found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
