import { decodeFields } from '../codec.ts'
import type { JobCore } from '../core/job.ts'
import type { Slice } from '../slabs.ts'

/** The fields that a `created` event set, until somebody asks for the job. */
interface Packed {
  id: string
  userId: string
  /** Msgpack. */
  data: Slice
}

/** A job with its version and newest event. Writes of this store bring it on in place; whoever asks gets a copy. */
export class HeldJob {
  version: number
  /** The newest event's id in the stream. */
  event: string
  /** Roughly, for bounding memory. */
  readonly bytes: number
  /** How often the near cache gave it. */
  uses = 0
  /** What changes have added since, at most. */
  grownBytes = 0
  #job: JobCore | null
  #packed: Packed | null

  private constructor(job: JobCore | null, packed: Packed | null, version: number, event: string, bytes: number) {
    this.#job = job
    this.#packed = packed
    this.version = version
    this.event = event
    this.bytes = bytes
  }

  static of(job: JobCore, version: number, event: string, bytes: number): HeldJob {
    return new HeldJob(job, null, version, event, bytes)
  }

  /** A job that was just created: most are not asked for at once. */
  static created(id: string, userId: string, data: Slice, version: number, event: string): HeldJob {
    return new HeldJob(null, { id, userId, data }, version, event, data.end - data.start)
  }

  get job(): JobCore {
    this.#job ??= unpack(this.#packed as Packed)
    this.#packed = null
    return this.#job
  }
}

function unpack({ id, userId, data }: Packed): JobCore {
  const fields = decodeFields(data.slab.subarray(data.start, data.end))
  return { ...fields, id, userId } as unknown as JobCore
}
