import { decodeFields } from '../../codec.ts'
import type { JobFields } from '../../core/job.ts'
import type { LiveState } from '../../maintenance.ts'
import type { StoredEvent } from '../../stored-event.ts'
import { eventIdOf, streamIdOf } from '../event-entries.ts'
import { copyOwn, setField } from '../job-hash.ts'

/**
 * What a job's hash says, however wrong it is: a field that can't be read is missing.
 * @param hash fields and values, one after the other; none: null
 * @param events of the job, to which the hash refers
 */
export function readLiveState(
  jobId: string,
  partition: number,
  hash: readonly Buffer[],
  events: readonly StoredEvent[],
): LiveState | null {
  if (hash.length === 0) return null
  const data = new ReferredData(events)
  const job: JobFields = { id: jobId }
  const live: LiveState = { version: null, lastEventId: null, job: null }
  const values = new Map<string, Buffer>()
  for (let at = 0; at < hash.length; at += 2) values.set(String(hash[at]), hash[at + 1] as Buffer)
  const base = values.get('@base')
  if (base !== undefined) copyOwn(data.get(String(base.subarray(1))), job)
  for (const [name, value] of values) {
    if (name === '@version') live.version = numberIn(value)
    else if (name === '@event') live.lastEventId = eventIdOf(partition, String(value))
    else if (name !== '@base') {
      live.job = job
      trySetField(job, name.startsWith('@') ? name.slice(1) : name, value, data)
    }
  }
  return live
}

function trySetField(job: JobFields, field: string, value: Buffer, data: ReferredData): void {
  try {
    setField(job, field, value, data)
  } catch {
    delete job[field]
  }
}

function numberIn(value: Buffer): number | null {
  const text = String(value)
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}

/** What events set, by their id in the stream, decoded when first asked for. */
class ReferredData {
  readonly #events: readonly StoredEvent[]
  readonly #decoded = new Map<string, JobFields>()

  constructor(events: readonly StoredEvent[]) {
    this.#events = events
  }

  get(streamId: string): JobFields | undefined {
    const known = this.#decoded.get(streamId)
    if (known !== undefined) return known
    const event = this.#events.find(({ id }) => streamIdOf(id) === streamId)
    if (event === undefined) return undefined
    const fields = decodeFields(event.data)
    this.#decoded.set(streamId, fields)
    return fields
  }
}
