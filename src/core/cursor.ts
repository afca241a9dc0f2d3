import { InvalidCursorError } from './errors.ts'
import type { Cursor } from './event.ts'

/** A place in one partition's log: just after the event with this number, whose backend's key is `key`. */
export interface Position {
  /** The event's dense number: 1 for a partition's first; 0 stands before it. */
  sequence: number
  /** Digits and hyphens: what the backend finds the event by. '0' before the first, and where it is not known. */
  key: string
}

/** Before every event. */
export const START: Position = { sequence: 0, key: '0' }

/** A cursor's content: one position a partition, in one life of one store. */
export interface LogPosition {
  /** Made at random when the store was first used; letters and digits. */
  epoch: string
  positions: readonly Position[]
}

/** Writes a cursor: `1.<epoch>.<sequence>_<key>.<sequence>_<key>…`. */
export function formatCursor(log: LogPosition): Cursor {
  return `1.${log.epoch}.${log.positions.map((position) => `${position.sequence}_${position.key}`).join('.')}`
}

/** One position; a number with a zero before it is none that was ever written. */
const POSITION = String.raw`(?:0|[1-9]\d{0,15})_[\d-]{1,48}`
const CURSOR = new RegExp(String.raw`^1\.([A-Za-z0-9]+)\.(${POSITION}(?:\.${POSITION})*)$`)

/** Reads a cursor of any store, whose keys only its backend can judge. @throws InvalidCursorError if it is none */
export function readCursor(cursor: unknown): LogPosition {
  const match = typeof cursor === 'string' ? CURSOR.exec(cursor) : null
  if (match?.[1] === undefined || match[2] === undefined)
    throw InvalidCursorError.of('it is not a cursor of a job store')
  return { epoch: match[1], positions: match[2].split('.').map(parsePosition) }
}

/**
 * Reads a cursor.
 * @throws InvalidCursorError if it is none, or belongs to another store or another number of partitions
 */
export function parseCursor(cursor: unknown, epoch: string, partitions: number): LogPosition {
  const position = readCursor(cursor)
  if (position.epoch !== epoch)
    throw InvalidCursorError.of('it belongs to another store, or to one that was emptied since')
  if (position.positions.length !== partitions)
    throw InvalidCursorError.of(`it has ${position.positions.length} partitions, the store ${partitions}`)
  return position
}

function parsePosition(text: string): Position {
  const [sequence = '', key = ''] = text.split('_')
  return { sequence: Number(sequence), key }
}

/** Where a page of a user's jobs ended: the last job's createdAt (ms) and id. */
export interface PageKey {
  createdAtMs: number
  id: string
}

/** Writes a page's `next`. */
export function formatPage(key: PageKey): string {
  return `${key.createdAtMs}.${Buffer.from(key.id).toString('base64url')}`
}

/** Reads a page's `next` again. @throws InvalidCursorError if it is none */
export function parsePage(after: unknown): PageKey {
  const match = typeof after === 'string' ? /^(-?\d{1,16})\.([\w-]{1,700})$/.exec(after) : null
  if (match?.[1] === undefined || match[2] === undefined)
    throw InvalidCursorError.of('`after` is not the `next` of a page of jobs')
  return { createdAtMs: Number(match[1]), id: Buffer.from(match[2], 'base64url').toString() }
}
