import { cpSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

/** A part of an append-only file that Redis applies whole or not at all: one script call that wrote. */
export interface Transaction {
  /** Its first byte, and the one after its last. */
  from: number
  to: number
  /** Entries that it adds to logs. */
  events: number
}

/** Finds the transactions of an append-only file, oldest first. @throws Error if it holds anything else than commands */
export function transactionsIn(file: Buffer): Transaction[] {
  const transactions: Transaction[] = []
  let open: Transaction | null = null
  for (let at = 0; at < file.length;) {
    const { name, key, to } = readCommand(file, at)
    if (name === 'MULTI') open = { from: at, to, events: 0 }
    else if (name === 'XADD' && key.endsWith(':events') && open !== null) open.events++
    else if (name === 'EXEC' && open !== null) {
      transactions.push({ ...open, to })
      open = null
    }
    at = to
  }
  return transactions
}

function readCommand(file: Buffer, from: number): { name: string; key: string; to: number } {
  const words = readNumber(file, from, '*')
  let to = words.to
  const first: string[] = []
  for (let word = 0; word < words.value; word++) {
    const length = readNumber(file, to, '$')
    if (word < 2) first.push(file.toString('latin1', length.to, length.to + length.value))
    to = length.to + length.value + 2
  }
  const [name = '', key = ''] = first
  return { name, key, to }
}

function readNumber(file: Buffer, from: number, sign: string): { value: number; to: number } {
  const end = file.indexOf('\r\n', from)
  const line = file.toString('latin1', from, end)
  if (!line.startsWith(sign)) throw new Error(`byte ${from} of the append-only file: expected ${sign}, got ${line}`)
  return { value: Number(line.slice(1)), to: end + 2 }
}

/** What Redis 7 keeps its append-only file in, and the part of it that grows. */
const FOLDER = 'appendonlydir'
const GROWING = '.incr.aof'

/** The part of a server's append-only file that grows. @param dir the server's folder, or a copy's */
export function growingPart(dir: string): string {
  const name = readdirSync(join(dir, FOLDER)).find((file) => file.endsWith(GROWING))
  if (name === undefined) throw new Error(`no *${GROWING} in ${dir}/${FOLDER}`)
  return join(dir, FOLDER, name)
}

/** Copies the append-only file from one folder to another, in place of what is there. The server must be stopped. */
export function copyAppendOnlyFile(from: string, to: string): void {
  rmSync(join(to, FOLDER), { recursive: true, force: true })
  cpSync(join(from, FOLDER), join(to, FOLDER), { recursive: true })
}

/** Leaves so many bytes of it, as a crash in the middle of a write does. */
export function tear(dir: string, bytes: number): void {
  truncateSync(growingPart(dir), bytes)
}
