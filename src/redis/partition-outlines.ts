import type { Position } from '../core/cursor.ts'
import type { Outline, OutlinePage } from '../outlines.ts'
import { ChangePage, FIELD } from './change-page.ts'
import { FramePacker } from './frame-packer.ts'
import { Interner } from './interner.ts'
import { JobOutline, type OutlineContext } from './job-outline.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'

/** Bytes of an event's data that an outline is made from; a job with larger ones is audited. */
const LARGEST_DATA = 16_384
/** Bytes that a packed outline takes about. */
const PACKED_BYTES = 512

/** The outlines of one partition's jobs. */
export class PartitionOutlines {
  readonly #parts: MaintenanceParts
  readonly #context: OutlineContext

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
    this.#context = { partition: parts.index, inlineBytes: parts.inlineBytes, texts: new Interner() }
  }

  async scan(after: Position, limit: number): Promise<OutlinePage> {
    const { link, keys } = this.#parts
    const reply = await link.maintain('changes', keys.meta, [after.key, limit, LARGEST_DATA])
    const [, sequence, key, changes] = reply as Buffer[]
    const end = Number(sequence) === 0 ? null : { sequence: Number(sequence), key: String(key) }
    return new PackedChanges(changes as Buffer, end, this.#context)
  }

  async check(outlines: ReadonlyMap<string, Outline>): Promise<string[]> {
    const { link, keys } = this.#parts
    const { certain, uncertain } = sort(outlines)
    const reply = await link.maintain('check', keys.meta, pack(certain))
    return [...uncertain, ...reply.slice(1).map(String)]
  }

  async restore(outlines: ReadonlyMap<string, Outline>): Promise<string[]> {
    const { link, keys, partition } = this.#parts
    const { certain, uncertain } = sort(outlines)
    const reply = await link.maintain('reconcile', keys.meta, pack(certain, ''))
    partition.forget(certain.map(([jobId]) => jobId))
    return [...uncertain, ...certain.filter((_, index) => Number(reply[index + 1]) !== 1).map(([jobId]) => jobId)]
  }
}

type Named = [jobId: string, outline: JobOutline]

function sort(outlines: ReadonlyMap<string, Outline>): { certain: Named[]; uncertain: string[] } {
  const certain: Named[] = []
  const uncertain: string[] = []
  for (const [jobId, outline] of outlines as ReadonlyMap<string, JobOutline>) {
    if (outline.isCertain) certain.push([jobId, outline])
    else uncertain.push(jobId)
  }
  return { certain, uncertain }
}

/** @param seen the event that each is taken to be at, in front of it */
function pack(jobs: readonly Named[], seen?: string): Buffer[] {
  const packer = new FramePacker(jobs.length * PACKED_BYTES)
  for (const [jobId, outline] of jobs) {
    if (seen !== undefined) packer.pushText(seen)
    outline.push(packer, jobId)
  }
  return packer.finish()
}

/** A page of the log, which is gone through once. */
class PackedChanges implements OutlinePage {
  readonly end: Position | null
  readonly #bytes: Buffer
  readonly #context: OutlineContext

  constructor(bytes: Buffer, end: Position | null, context: OutlineContext) {
    this.#bytes = bytes
    this.end = end
    this.#context = context
  }

  foldInto(outlines: Map<string, Outline>, through: Position, isWanted: (jobId: string) => boolean): number {
    let grown = 0
    for (const page = new ChangePage(this.#bytes); page.next();) {
      if (page.number(FIELD.sequence) > through.sequence) break
      const jobId = page.text(FIELD.job)
      if (!isWanted(jobId)) continue
      let outline = outlines.get(jobId) as JobOutline | undefined
      if (outline === undefined) {
        outline = new JobOutline(this.#context)
        outlines.set(jobId, outline)
      } else grown -= outline.bytes
      outline.take(page)
      grown += outline.bytes
    }
    return grown
  }
}
