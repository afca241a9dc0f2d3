import { decodeNames, encodeValue } from '../codec.ts'
import type { EventId } from '../core/event.ts'
import { STAMP_FIELDS, type StampField } from '../core/job.ts'
import type { StoredEvent } from '../stored-event.ts'

/** Values of one event in a reply, its id before them: see lua/lib/entry.lua. */
export const ENTRY_LENGTH = 10

/** An event as XRANGE gives it: its id, then names and values of its fields. */
export type StreamEntry = [id: Buffer, values: Buffer[]]

/** Where values stand among these, as lua/lib/append.lua writes them. */
export const FIELD = { sequence: 1, type: 3, job: 5, user: 7, version: 9, removed: 13, data: 17 } as const

/** How the log writes a type, in one letter; a type that is not here is written, and read, as it is. */
const TYPE_CODES: Record<string, string> = {
  created: 'c',
  updated: 'u',
  statusChanged: 's',
  progressed: 'p',
  deleted: 'd',
  expired: 'e',
  snapshotted: 'n',
}
const TYPES = new Map(Object.entries(TYPE_CODES).map(([type, code]) => [code, type]))

/** The log's letter for a type. */
export function codeOf(type: string): string {
  return TYPE_CODES[type] ?? type
}

/** Reads what the log has for a type: its letter, and the field that was stamped with it. */
export function readType(text: string): { type: string; stamp: StampField | null } {
  const known = TYPES.get(text)
  if (known !== undefined) return { type: known, stamp: null }
  const [code = '', stamp] = text.split('+')
  return {
    type: TYPES.get(code) ?? code,
    stamp: STAMP_FIELDS.includes(stamp as StampField) ? (stamp as StampField) : null,
  }
}

/** An event's public id: its partition, and its id in that stream. */
export function eventIdOf(partition: number, streamId: string): EventId {
  return `${partition}-${streamId}`
}

/** The id in the stream of a public id. */
export function streamIdOf(eventId: EventId): string {
  return eventId.slice(eventId.indexOf('-') + 1)
}

/** When an event was appended, in ms: the first half of its id. */
export function timeOf(streamId: string): number {
  return Number(streamId.slice(0, streamId.indexOf('-')))
}

/** Names of removed fields as the log holds them, where there are any. */
export function encodeRemoved(removed: readonly string[]): Buffer {
  return encodeValue(removed)
}

/** The events that a reply holds from `start` on. */
export function readEntries(reply: readonly unknown[], start: number, partition: number): StoredEvent[] {
  const values = reply as readonly Buffer[]
  const events: StoredEvent[] = []
  for (let at = start; at + ENTRY_LENGTH <= values.length; at += ENTRY_LENGTH)
    events.push(readEntry({ id: values[at] as Buffer, values, first: at + 1, step: 1 }, partition))
  return events
}

/** An event as the stream has it: its id, and names and values of its fields. Its bytes are its own: a view would keep a whole reply. */
export function readStreamEntry(id: Buffer, fields: readonly Buffer[], partition: number): StoredEvent {
  const event = readEntry({ id, values: fields, first: 1, step: 2 }, partition)
  event.data = Buffer.from(event.data)
  if (event.meta !== null) event.meta = Buffer.from(event.meta)
  return event
}

/** Where the values of an event stand: its id, and the others at every `step`. */
interface EntryValues {
  id: Buffer
  values: readonly Buffer[]
  first: number
  step: number
}

function readEntry({ id, values, first, step }: EntryValues, partition: number): StoredEvent {
  const bytes = (place: number): Buffer => values[first + place * step] as Buffer
  const streamId = id.toString()
  const previous = bytes(5).toString()
  const [removed, meta] = [bytes(6), bytes(7)]
  return {
    id: eventIdOf(partition, streamId),
    position: { sequence: Number(bytes(0).toString()), key: streamId },
    ...readType(bytes(1).toString()),
    jobId: bytes(2).toString(),
    userId: bytes(3).toString(),
    version: Number(bytes(4).toString()),
    previous: previous === '' ? null : eventIdOf(partition, previous),
    at: timeOf(streamId),
    removed: removed.length === 0 ? [] : decodeNames(removed),
    meta: meta.length === 0 ? null : meta,
    data: bytes(8),
  }
}
