import type { StoredEvent } from '../stored-event.ts'
import { decodeValue, encodeValue } from '../codec.ts'
import type { EventId } from '../core/event.ts'
import { STAMP_FIELDS, type StampField } from '../core/job.ts'

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
  const events: StoredEvent[] = []
  for (let at = start; at + ENTRY_LENGTH <= reply.length; at += ENTRY_LENGTH)
    events.push(readEntry(reply.slice(at, at + ENTRY_LENGTH) as Buffer[], partition))
  return events
}

/** An event as the stream has it: its id, and names and values of its fields. Its bytes are its own: a view would keep a whole reply. */
export function readStreamEntry(id: Buffer, fields: readonly Buffer[], partition: number): StoredEvent {
  const values = [id]
  while (values.length < ENTRY_LENGTH) values.push(fields[values.length * 2 - 1] as Buffer)
  const event = readEntry(values, partition)
  event.data = Buffer.from(event.data)
  if (event.meta !== null) event.meta = Buffer.from(event.meta)
  return event
}

function readEntry(values: readonly Buffer[], partition: number): StoredEvent {
  const text = (index: number): string => (values[index] as Buffer).toString()
  const streamId = text(0)
  const previous = text(6)
  const removed = values[7] as Buffer
  const meta = values[8] as Buffer
  return {
    id: eventIdOf(partition, streamId),
    position: { sequence: Number(text(1)), key: streamId },
    ...readType(text(2)),
    jobId: text(3),
    userId: text(4),
    version: Number(text(5)),
    previous: previous === '' ? null : eventIdOf(partition, previous),
    at: timeOf(streamId),
    removed: removed.length === 0 ? [] : (decodeValue(removed) as string[]),
    meta: meta.length === 0 ? null : meta,
    data: values[9] as Buffer,
  }
}
