import type { Position } from '../../core/cursor.ts'
import type { Outline, OutlinePage } from '../../outlines.ts'
import { FIELD, type StreamEntry } from '../event-entries.ts'
import { FramePacker } from '../frame-packer.ts'
import { Interner } from './interner.ts'
import type { JobOutline, OutlineContext } from './job-outline.ts'
import { KeptOutline, OutlineShelf } from './kept-outline.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'

/** Events that are fetched at once, and bytes of their data: a reply that comes in one read costs ioredis half as much. */
const MAX_EVENTS = 100
const MAX_BYTES = 49_152
const FIRST_EVENTS = 8

/** The outlines of one partition's jobs. */
export class PartitionOutlines {
  readonly #parts: MaintenanceParts
  readonly #context: OutlineContext
  readonly #shelf = new OutlineShelf()
  readonly #packer = new FramePacker()
  #count = FIRST_EVENTS

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
    this.#context = { partition: parts.index, inlineBytes: parts.inlineBytes, texts: new Interner() }
  }

  /** As many events as are few enough, if they are as large as the last ones were; but no more than twice as many. */
  async scan(after: Position): Promise<OutlinePage> {
    const { link, keys } = this.#parts
    const count = this.#count
    const entries = await link.caller.call(
      (redis) => redis.xrangeBuffer(keys.events, `(${after.key}`, '+', 'COUNT', count) as Promise<StreamEntry[]>,
    )
    const bytes = entries.reduce((sum, [, values]) => sum + (values[FIELD.data]?.length ?? 0), 1)
    const few = Math.floor((MAX_BYTES * entries.length) / bytes)
    this.#count = Math.max(1, Math.min(MAX_EVENTS, count * 2, few))
    return new EntryPage(entries, this.#context, this.#shelf)
  }

  async check(outlines: ReadonlyMap<string, Outline>): Promise<string[]> {
    const { link, keys } = this.#parts
    const { certain, uncertain } = sort(outlines)
    const reply = await link.maintain('check', keys.meta, this.#pack(certain))
    return [...uncertain, ...reply.slice(1).map(String)]
  }

  async restore(outlines: ReadonlyMap<string, Outline>): Promise<string[]> {
    const { link, keys, partition } = this.#parts
    const { certain, uncertain } = sort(outlines)
    const reply = await link.maintain('reconcile', keys.meta, this.#pack(certain, ''))
    partition.forget(certain.map(([jobId]) => jobId))
    return [...uncertain, ...certain.filter((_, index) => Number(reply[index + 1]) !== 1).map(([jobId]) => jobId)]
  }

  /** @param seen the event that each is taken to be at, in front of it */
  #pack(jobs: readonly Named[], seen?: string): Buffer[] {
    for (const [jobId, outline] of jobs) {
      if (seen !== undefined) this.#packer.pushText(seen)
      outline.push(this.#packer, jobId)
    }
    return this.#packer.finish()
  }
}

type Named = [jobId: string, outline: JobOutline]

function sort(outlines: ReadonlyMap<string, Outline>): { certain: Named[]; uncertain: string[] } {
  const certain: Named[] = []
  const uncertain: string[] = []
  for (const [jobId, kept] of outlines as ReadonlyMap<string, KeptOutline>) {
    const outline = kept.read()
    if (outline.isCertain) certain.push([jobId, outline])
    else uncertain.push(jobId)
  }
  return { certain, uncertain }
}

class EntryPage implements OutlinePage {
  readonly end: Position | null
  readonly #entries: readonly StreamEntry[]
  readonly #context: OutlineContext
  readonly #shelf: OutlineShelf

  constructor(entries: readonly StreamEntry[], context: OutlineContext, shelf: OutlineShelf) {
    this.#entries = entries
    this.#context = context
    this.#shelf = shelf
    const last = entries.at(-1)
    this.end = last === undefined ? null : { sequence: sequenceOf(last), key: String(last[0]) }
  }

  foldInto(outlines: Map<string, Outline>, through: Position, isWanted: (jobId: string) => boolean): number {
    let grown = 0
    const isWithin = (this.end?.sequence ?? 0) <= through.sequence
    for (const entry of this.#entries) {
      if (!isWithin && sequenceOf(entry) > through.sequence) break
      const jobId = String(entry[1][FIELD.job])
      if (!isWanted(jobId)) continue
      let outline = outlines.get(jobId) as KeptOutline | undefined
      if (outline === undefined) {
        outline = new KeptOutline(this.#context, this.#shelf)
        outlines.set(jobId, outline)
      } else grown -= outline.bytes
      outline.take(entry)
      grown += outline.bytes
    }
    return grown
  }
}

function sequenceOf([, values]: StreamEntry): number {
  return Number(String(values[FIELD.sequence]))
}
