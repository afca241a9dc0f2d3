import { createHash } from 'node:crypto'
import { Packr } from 'msgpackr'
import { EncodedCommand } from './backend.ts'
import type { Command } from './core/command.ts'
import { JobStoreError } from './core/errors.ts'
import type { Cursor } from './core/event.ts'
import type { EventMeta, JobEvent, JobEventType } from './core/event.ts'
import type { JobCore, JobFields } from './core/job.ts'
import type { StoredEvent } from './stored-event.ts'

/** Plain msgpack maps that any language reads, never msgpackr's records. Pure but for a scratch buffer. */
const packr = new Packr({ useRecords: false, variableMapSize: true, copyBuffers: true, useToJSON: false })

/** Encodes a checked command. */
export function encodeCommand(command: Command): EncodedCommand {
  const meta = command.meta === null ? null : encodeValue(command.meta)
  const digest = command.commandId === null ? null : digestOf(command)
  const data = command.kind === 'delete' ? EMPTY_MAP : encodeValue(command.set)
  return new EncodedCommand(command, data, meta, digest)
}

/** A map without fields. */
export const EMPTY_MAP: Buffer = Buffer.from([0x80])

/** One value as msgpack. */
export function encodeValue(value: unknown): Buffer {
  return packr.pack(value)
}

/** One value back from msgpack. @throws JobStoreError (UNREADABLE_VALUE) for bytes that the store did not write */
export function decodeValue(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes)
  } catch (error) {
    throw unreadable('no msgpack', error)
  }
}

/** A map of fields back from msgpack. @throws JobStoreError (UNREADABLE_VALUE) */
export function decodeFields(bytes: Uint8Array): JobFields {
  const value = decodeValue(bytes)
  const isMap = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (!isMap) throw unreadable('no map')
  return value as JobFields
}

/** A list of names back from msgpack. @throws JobStoreError (UNREADABLE_VALUE) */
export function decodeNames(bytes: Uint8Array): string[] {
  const value = decodeValue(bytes)
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) throw unreadable('no list of names')
  return value
}

function unreadable(what: string, cause?: unknown): JobStoreError {
  return new JobStoreError('UNREADABLE_VALUE', `A stored value is not what the store writes: it is ${what}.`, { cause })
}

/** The fields that an event set, and for a whole job its id and user too; the stamp stands at the event's time. */
function decodeData(event: StoredEvent): JobFields {
  const fields = decodeFields(event.data)
  if (event.stamp !== null) fields[event.stamp] = new Date(event.at)
  return event.type === 'created' || event.type === 'snapshotted'
    ? { ...fields, id: event.jobId, userId: event.userId }
    : fields
}

/** A stored event as the store's users see it. */
export function decodeEvent<T extends JobCore>(event: StoredEvent, cursor: Cursor): JobEvent<T> {
  return {
    id: event.id,
    cursor,
    type: event.type as JobEventType,
    jobId: event.jobId,
    userId: event.userId,
    version: event.version,
    previous: event.previous,
    at: new Date(event.at),
    data: decodeData(event) as Partial<T>,
    removed: [...event.removed],
    meta: event.type === 'snapshotted' ? null : metaOf(event),
  }
}

/** The same for an archive, which takes what a snapshot has in the place of its meta too. */
export function decodeWholeEvent<T extends JobCore>(event: StoredEvent, cursor: Cursor): JobEvent<T> {
  return { ...decodeEvent<T>(event, cursor), meta: metaOf(event) }
}

function metaOf({ meta }: StoredEvent): EventMeta | null {
  return meta === null ? null : decodeFields(meta)
}

function digestOf(command: Command): string {
  const set = command.kind === 'delete' ? {} : command.set
  const other =
    command.kind === 'change' ? [...command.removed].sort() : command.kind === 'create' ? command.userId : []
  const content = encodeValue([command.kind, sortKeys(set), other])
  return createHash('sha256').update(content).digest('base64url').slice(0, 22)
}

/** A copy whose objects have their fields in the order of their names, all the way down. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null || value instanceof Date || Buffer.isBuffer(value)) return value
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]))
}
