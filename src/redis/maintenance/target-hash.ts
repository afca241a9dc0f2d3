import { decodeFields, encodeValue } from '../../codec.ts'
import { isWhole } from '../../core/evolve.ts'
import type { JobCore, JobFields } from '../../core/job.ts'
import type { Target } from '../../maintenance.ts'
import type { StoredEvent } from '../../stored-event.ts'
import { streamIdOf } from '../event-entries.ts'
import type { FramePacker } from '../frame-packer.ts'
import { hashName, isPlain, REFERENCE, REMOVED } from '../job-hash.ts'
import type { Argument } from '../link.ts'
import { valueSpans } from '../value-spans.ts'

/** Packs what a job is to be, and the event that it was seen at, as lua/reconcile.lua reads it. */
export function pushTarget(packer: FramePacker, target: Target, inlineBytes: number): void {
  const hash = targetHash(target, inlineBytes)
  const job = target.state?.job ?? null
  const place =
    job === null ? ['', '', '', ''] : [job.userId, job.status, job.createdAt.getTime(), job.expiresAt.getTime()]
  const values = [target.seen === null ? '' : streamIdOf(target.seen), target.jobId, hash.length, ...hash, ...place]
  for (const value of values)
    if (Buffer.isBuffer(value)) packer.pushBytes(value)
    else packer.pushText(String(value))
}

/**
 * The hash that a job is to have, as apply.lua would have written it: large values by reference to an event that holds
 * the very same bytes, if there is one.
 * @returns names and values, one after the other
 */
function targetHash({ state, events }: Target, inlineBytes: number): Argument[] {
  if (state === null) return []
  const hash: Argument[] = ['@version', String(state.version), '@event', streamIdOf(state.lastEventId)]
  if (state.job !== null) pushJob(hash, state.job, eventsOfLife(events), inlineBytes)
  return hash
}

/** From the last event on that stands for the whole job. */
function eventsOfLife(events: readonly StoredEvent[]): EventValues[] {
  const start = events.findLastIndex(isWhole)
  return events.slice(Math.max(0, start)).map((event) => new EventValues(event))
}

function pushJob(hash: Argument[], job: JobCore, events: readonly EventValues[], inlineBytes: number): void {
  const own = new Map<string, Buffer>()
  let ownBytes = 0
  for (const [field, value] of Object.entries(job)) {
    if (field === 'id') continue
    if (isPlain(field)) hash.push(field, value instanceof Date ? value.toISOString() : String(value))
    else {
      const bytes = encodeValue(value)
      own.set(field, bytes)
      ownBytes += bytes.length
    }
  }
  const base = ownBytes > inlineBytes && events[0]?.isWhole === true ? events[0] : null
  if (base !== null) hash.push('@base', reference(base))
  for (const [field, bytes] of own) {
    if (base?.has(field, bytes) === true) continue
    hash.push(hashName(field), valueOf(field, bytes, (job as unknown as JobFields)[field], events, inlineBytes))
  }
  if (base !== null)
    for (const field of base.fields) if (!isPlain(field) && !own.has(field)) hash.push(hashName(field), REMOVED)
}

function valueOf(
  field: string,
  bytes: Buffer,
  value: unknown,
  events: readonly EventValues[],
  inlineBytes: number,
): Argument {
  const holder = bytes.length > inlineBytes ? events.findLast((event) => event.has(field, bytes)) : undefined
  if (holder !== undefined) return reference(holder)
  return value instanceof Date ? value.toISOString() : bytes
}

function reference({ streamId }: EventValues): Buffer {
  return Buffer.concat([Buffer.from([REFERENCE]), Buffer.from(streamId)])
}

/** The encoded values of an event, by field. */
class EventValues {
  readonly streamId: string
  readonly isWhole: boolean
  readonly #values = new Map<string, Uint8Array>()

  constructor(event: StoredEvent) {
    this.streamId = streamIdOf(event.id)
    this.isWhole = isWhole(event)
    const spans = valueSpans(event.data)
    const fields = Object.keys(decodeFields(event.data))
    for (const [index, field] of fields.entries())
      this.#values.set(field, event.data.subarray(spans[index * 2], spans[index * 2 + 1]))
  }

  get fields(): Iterable<string> {
    return this.#values.keys()
  }

  has(field: string, bytes: Buffer): boolean {
    const value = this.#values.get(field)
    return value !== undefined && bytes.equals(value)
  }
}
