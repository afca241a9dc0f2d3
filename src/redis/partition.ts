import type { EncodedCommand, HistoryPage, Outcome, Read, ScanPage, StoredJob } from '../backend.ts'
import { START, type Position } from '../core/cursor.ts'
import { ProjectionLostError, StoreUnavailableError } from '../core/errors.ts'
import type { EventId } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'
import { printable } from '../core/printable.ts'
import { copyValue } from '../core/value.ts'
import { Batch, type BatchTools } from './batch.ts'
import type { Durability } from './durability.ts'
import { eventIdOf, readEntries, streamIdOf } from './event-entries.ts'
import { FramePacker } from './frame-packer.ts'
import type { HeldJob } from './held-job.ts'
import { ReplyReader } from './job-hash.ts'
import type { PartitionKeys } from './keys.ts'
import { FORMAT, type Argument, type Link } from './link.ts'
import { withinDeadline } from './maintenance/within-deadline.ts'
import type { NearCache } from './near-cache.ts'
import { Outcomes } from './outcomes.ts'
import type { Run } from './scripts.ts'
import type { Writer } from './writer.ts'

/** What a partition works with. */
export interface PartitionParts {
  index: number
  keys: PartitionKeys
  link: Link
  cache: NearCache
  writer: Writer
  durability: Durability | null
  inlineBytes: number
  /** Makes the store again when Redis was emptied, or mends its log, as a reply's tag says; throws when that can't be. */
  recover: (tag: string, run: Run) => Promise<void>
}

/** One partition of the log, with the jobs whose events stand there: one script call for each thing to be done. */
export class Partition {
  readonly #parts: PartitionParts
  readonly #packer = new FramePacker()
  readonly #batching: Omit<BatchTools, 'recover'>

  constructor(parts: PartitionParts) {
    this.#parts = parts
    const outcomes = new Outcomes(parts.cache)
    this.#batching = { ...parts, keyMeta: parts.keys.meta, packer: this.#packer, outcomes }
  }

  apply(commands: EncodedCommand[], deadline: number): Promise<Outcome[]> {
    const recover = (tag: string): Promise<void> => this.#recover(tag, 'apply', deadline, 'unknown')
    return new Batch({ ...this.#batching, recover }, commands, deadline).apply()
  }

  async read(ids: string[], deadline?: number): Promise<Read[]> {
    const { cache } = this.#parts
    const held = ids.map((id) => cache.get(id))
    for (const [index, id] of ids.entries()) {
      this.#packer.pushText(id)
      this.#packer.pushText(held[index]?.event ?? '')
    }
    const reader = new ReplyReader(await this.#ask('read', this.#packer.finish(), deadline), 1)
    return ids.map((id, index) => {
      const same = reader.takeText()
      if (same === '') cache.delete(id)
      if (same === '') return null
      return same === null ? this.#takeNew(id, reader) : this.#giveHeld(id, held[index] as HeldJob)
    })
  }

  /** A user's jobs with their states, in order; those held are not sent again. */
  async list(query: Argument[], ids: readonly string[]): Promise<StoredJob[]> {
    const held = new Map<string, HeldJob>()
    for (const id of ids) {
      const job = this.#parts.cache.get(id)
      if (job === undefined) continue
      held.set(id, job)
      this.#packer.pushText(id)
      this.#packer.pushText(job.event)
    }
    const reader = new ReplyReader(await this.#ask('list', [...query, 'states', ...this.#packer.finish()]), 1)
    const jobs: StoredJob[] = []
    while (!reader.isAtEnd) {
      const id = reader.takeText() as string
      const isNew = reader.takeText() === null
      jobs.push(isNew ? this.#giveNew(id, reader.takeState(id)) : this.#giveHeld(id, held.get(id) as HeldJob))
    }
    return jobs
  }

  /** A user's jobs, only their ids and createdAt (ms), in order. */
  async places(query: Argument[]): Promise<{ id: string; createdAtMs: number }[]> {
    const reply = await this.#ask('list', [...query, 'places', ''])
    const places = []
    for (let at = 1; at < reply.length; at += 2)
      places.push({ id: String(reply[at]), createdAtMs: Number(reply[at + 1]) })
    return places
  }

  /** What count.lua answers to 'user', 'status' or 'all', without its tag. */
  async count(what: 'user' | 'status' | 'all', which: string): Promise<unknown[]> {
    return (await this.#ask('count', [what, which])).slice(1)
  }

  async history(jobId: string, from: EventId | null, limit: number): Promise<HistoryPage> {
    const { index } = this.#parts
    const reply = await this.#ask('history', [jobId, from === null ? '' : streamIdOf(from), limit])
    const next = String(reply[1])
    return {
      events: readEntries(reply, 3, index),
      next: next === '' ? null : eventIdOf(index, next),
      isTruncated: Number(reply[2]) === 1,
    }
  }

  async scan(after: Position, limit: number): Promise<ScanPage> {
    const reply = await this.#ask('scan', [after.sequence, after.key, limit])
    switch (String(reply[0])) {
      case 'GAP':
        return { kind: 'gap' }
      case 'REWOUND':
        return { kind: 'rewound' }
      default:
        return { kind: 'events', events: readEntries(reply, 1, this.#parts.index) }
    }
  }

  /** Where the log begins and ends now. */
  async bounds(): Promise<{ oldest: Position; newest: Position }> {
    const { link, keys } = this.#parts
    const fields = ['trimmedSequence', 'trimmed', 'sequence', 'newest'] as const
    const [trimmedSequence, trimmed, sequence, newest] = await link.caller.call((redis) =>
      redis.hmget(keys.meta, ...fields),
    )
    return { oldest: position(trimmedSequence, trimmed), newest: position(sequence, newest) }
  }

  async sweep(limit: number): Promise<number> {
    return Number((await this.#ask('sweep', [limit]))[1])
  }

  /** Takes jobs out of the near cache: they were put right behind its back. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#parts.cache.delete(id)
  }

  #giveHeld(id: string, held: HeldJob): StoredJob {
    this.#parts.cache.keep(id, held)
    return this.#stored(held, copyValue(held.job))
  }

  /** A job whose hash is spoiled keeps no others from being read. */
  #takeNew(id: string, reader: ReplyReader): Read {
    try {
      return this.#giveNew(id, reader.takeState(id))
    } catch (error) {
      if (error instanceof ProjectionLostError) return error
      throw error
    }
  }

  /** A state that has just come: a copy of it only if it is held from now on. */
  #giveNew(id: string, held: HeldJob): StoredJob {
    return this.#stored(held, this.#parts.cache.offer(id, held) ? copyValue(held.job) : held.job)
  }

  #stored({ version, event }: HeldJob, job: JobCore): StoredJob {
    return { job, version, lastEventId: eventIdOf(this.#parts.index, event) }
  }

  /** Runs a script that may be run again: until nothing is due that it wants swept, and the store is there. */
  async #ask(run: Run, args: Argument[], deadline?: number): Promise<unknown[]> {
    const { link, keys } = this.#parts
    const end = deadline ?? link.caller.deadline()
    do {
      const reply = await link.run(run, keys.meta, [FORMAT, ...args], end)
      const tag = String(reply[0])
      if (tag === 'SPOILED')
        throw ProjectionLostError.of(`The state can't be read (${printable(String(reply[1]))}): rebuild() the store.`)
      if (tag === 'FORMAT' || tag === 'TORN') await this.#recover(tag, run, end, 'rejected')
      else if (tag !== 'DUE') return reply
    } while (performance.now() < end)
    throw new StoreUnavailableError('More jobs expired at once than could be removed within retryForMs. Call again.', {
      outcome: 'rejected',
    })
  }

  /** Has the store recovered, for the call; the work goes on when that can't wait any longer. */
  #recover(tag: string, run: Run, deadline: number, outcome: 'rejected' | 'unknown'): Promise<void> {
    return withinDeadline(this.#parts.recover(tag, run), deadline, outcome)
  }
}

function position(sequence: string | null | undefined, key: string | null | undefined): Position {
  return sequence == null || sequence === '0' ? START : { sequence: Number(sequence), key: key ?? START.key }
}
