import { decodeFields, decodeValue } from '../codec.ts'
import { ProjectionLostError, quote } from '../core/errors.ts'
import type { JobCore, JobFields } from '../core/job.ts'
import { isOwn } from '../core/value.ts'
import { HeldJob } from './held-job.ts'

/**
 * How a job stands in its hash. '@version', '@event' and '@base' are the store's; an own field whose name begins with
 * '@' has one more. Values are msgpack, but for text in status and userId, ISO 8601 for Dates, and what begins with 0xC1,
 * which msgpack never uses: alone a removed field, before an event's id the value that this event set. '@base' refers
 * to the event that set all own fields at once.
 */
export const REFERENCE = 0xc1
/** The same as text of a character a byte. */
export const REFERENCE_MARK: string = String.fromCharCode(REFERENCE)

/** In place of a value: refer to the event being written. */
export const REFER_TO_THIS: Buffer = Buffer.from([REFERENCE, 0x40])
/** In place of a value: the field is removed, whatever '@base' says. */
export const REMOVED: Buffer = Buffer.from([REFERENCE])

/** Always plain in the hash, never by reference: scripts read them. */
const PLAIN_FIELDS = new Set(['status', 'userId', 'createdAt', 'expiresAt', 'queuedAt', 'startedAt', 'completedAt'])

/** Whether scripts must be able to read the field. */
export function isPlain(field: string): boolean {
  return PLAIN_FIELDS.has(field)
}

/** The name of a job's field in its hash. */
export function hashName(field: string): string {
  return field.startsWith('@') ? `@${field}` : field
}

/** Reads one item of a reply at a time; states are laid out as lua/lib/state.lua says. */
export class ReplyReader {
  readonly #reply: readonly unknown[]
  #at: number

  constructor(reply: readonly unknown[], start: number) {
    this.#reply = reply
    this.#at = start
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#reply.length
  }

  /** The next item as text, or null where a state begins. */
  takeText(): string | null {
    const item = this.#reply[this.#at]
    if (typeof item === 'number') return null
    this.#at++
    return String(item)
  }

  /** @throws ProjectionLostError if the hash is not what the store writes, or refers to events that the log does not hold */
  takeState(id: string): HeldJob {
    const hash = this.#takeList()
    const references = this.#takeList()
    try {
      return decodeHash(id, hash, references)
    } catch (error) {
      if (error instanceof ProjectionLostError) throw error
      throw ProjectionLostError.of(`The hash of job ${quote(id)} can't be read.`, { cause: error })
    }
  }

  #takeList(): Buffer[] {
    const length = Number(this.#reply[this.#at])
    const list = this.#reply.slice(this.#at + 1, this.#at + 1 + length) as Buffer[]
    this.#at += 1 + length
    return list
  }
}

function decodeHash(id: string, hash: readonly Buffer[], references: readonly Buffer[]): HeldJob {
  const events = new Map<string, JobFields>()
  let bytes = 0
  for (let at = 0; at < references.length; at += 2) {
    const data = references[at + 1] as Buffer
    if (data.length === 0) throw lost(id, String(references[at]))
    events.set(String(references[at]), decodeFields(data))
    bytes += data.length
  }
  const job: JobFields = { id }
  let version = 0
  let event = ''
  const names: string[] = []
  for (let at = 0; at < hash.length; at += 2) names.push((hash[at] as Buffer).toString())
  const base = names.indexOf('@base')
  // What it gives may have gone on since: it comes first.
  if (base >= 0) copyOwn(events.get(String((hash[base * 2 + 1] as Buffer).subarray(1))), job)
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string
    const value = hash[at * 2 + 1] as Buffer
    bytes += value.length
    if (name === '@version') version = Number(value)
    else if (name === '@event') event = String(value)
    else if (name !== '@base') setField(job, name.startsWith('@') ? name.slice(1) : name, value, events)
  }
  return HeldJob.of(job as unknown as JobCore, version, event, bytes)
}

/** Takes over what an event set, but for plain fields. */
export function copyOwn(fields: JobFields | undefined, job: JobFields): void {
  for (const field in fields) if (isOwn(fields, field) && !isPlain(field)) job[field] = fields[field]
}

/**
 * Reads one value of a hash into the job.
 * @param events what the events that it may refer to have set
 */
export function setField(
  job: JobFields,
  field: string,
  value: Buffer,
  events: Pick<ReadonlyMap<string, JobFields>, 'get'>,
): void {
  if (field === 'status' || field === 'userId') job[field] = value.toString()
  else if (value[0] === REFERENCE) {
    if (value.length === 1) delete job[field]
    else job[field] = events.get(String(value.subarray(1)))?.[field]
  } else job[field] = isIsoDate(value) ? new Date(value.toString()) : decodeValue(value)
}

/** ISO 8601 begins with a digit or a sign; msgpack that does is one byte long. */
function isIsoDate(value: Buffer): boolean {
  const first = value[0] as number
  return value.length > 1 && ((first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d)
}

function lost(id: string, event: string): ProjectionLostError {
  return ProjectionLostError.of(
    `The hash of job ${quote(id)} refers to event ${quote(event)}, which the log does not hold.`,
  )
}
