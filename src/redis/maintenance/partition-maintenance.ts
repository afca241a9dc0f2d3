import { randomBytes } from 'node:crypto'
import type { Task } from '../../backend.ts'
import { START, type Position } from '../../core/cursor.ts'
import type { EventId } from '../../core/event.ts'
import { isWhole } from '../../core/evolve.ts'
import type { Audit, AuditRequest, Census, EventHead, Target } from '../../maintenance.ts'
import type { StoredEvent } from '../../stored-event.ts'
import { ThinTrail } from '../../thin-trail.ts'
import { unfinishedImport } from '../../unfinished-import.ts'
import { codeOf, ENTRY_LENGTH, eventIdOf, readEntries, streamIdOf } from '../event-entries.ts'
import { FramePacker } from '../frame-packer.ts'
import type { Argument } from '../link.ts'
import type { Run } from '../scripts.ts'
import { readLiveState } from './live-state.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'
import { PartitionCompaction } from './partition-compaction.ts'
import { PartitionLeftovers } from './partition-leftovers.ts'
import { PartitionOutlines } from './partition-outlines.ts'
import { pushTarget } from './target-hash.ts'

/** Events of one job that an audit brings by itself, so that no call holds Redis for long; the others come one call later. */
const EVENTS_A_JOB = 32
/** Events that a call brings of one job beyond these. */
const PAGE = 256

const SNAPSHOT = codeOf('snapshotted')

/** One partition, as the projector sees it. */
export class PartitionMaintenance {
  readonly outlines: PartitionOutlines
  readonly leftovers: PartitionLeftovers
  readonly compaction: PartitionCompaction
  readonly #parts: MaintenanceParts
  readonly #packer = new FramePacker()

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
    this.outlines = new PartitionOutlines(parts)
    this.leftovers = new PartitionLeftovers(parts)
    this.compaction = new PartitionCompaction(parts)
  }

  async census(): Promise<Census> {
    const [, sequence, newest, sequenceKept, newestKept, ...counts] = (await this.#run('census', [])).map(String)
    const byStatus = new Map<string, number>()
    for (let at = 0; at < counts.length; at += 2) byStatus.set(counts[at] as string, Number(counts[at + 1]))
    return { end: positionOf(sequence, newest), endKept: positionOf(sequenceKept, newestKept), byStatus, byUser: null }
  }

  async scanHeads(after: Position, limit: number): Promise<EventHead[]> {
    const reply = await this.#run('heads', [after.key, limit])
    const heads: EventHead[] = []
    for (let at = 1; at < reply.length; at += 4) {
      const key = String(reply[at])
      const position = { sequence: Number(String(reply[at + 1])), key }
      heads.push({
        id: eventIdOf(this.#parts.index, key),
        position,
        jobId: String(reply[at + 3]),
        isSnapshot: String(reply[at + 2]) === SNAPSHOT,
      })
    }
    return heads
  }

  async audit(jobs: readonly AuditRequest[], through: Position): Promise<Audit[]> {
    const args = jobs.flatMap(({ jobId, eventId, place }) => [
      jobId,
      eventId === null ? '' : streamIdOf(eventId),
      place?.userId ?? '',
      place?.status ?? '',
    ])
    const reply = await this.#run('audit', [through.sequence, EVENTS_A_JOB, ...args])
    let at = 1
    const take = (count: number): Buffer[] => reply.slice(at, (at += count)) as Buffer[]
    const found = jobs.map(({ jobId, isThin }) => {
      const hash = take(Number(reply[at++]))
      const [user, userStatus, expiry, next] = take(4).map(String)
      const count = Number(reply[at++])
      const events = readEntries(take(count * ENTRY_LENGTH), 0, this.#parts.index)
      return { jobId, isThin, hash, entries: { user, userStatus, expiry }, next: next ?? '', events }
    })
    return Promise.all(
      found.map(async ({ jobId, isThin, hash, entries, next, events }) => {
        await this.#complete(jobId, events, next, through, isThin)
        return {
          jobId,
          live: readLiveState(jobId, this.#parts.index, hash, events),
          events,
          entries: {
            user: scoreIn(entries.user),
            userStatus: scoreIn(entries.userStatus),
            expiry: scoreIn(entries.expiry),
          },
        }
      }),
    )
  }

  async reconcile(targets: readonly Target[]): Promise<boolean[]> {
    for (const target of targets) pushTarget(this.#packer, target, this.#parts.inlineBytes)
    const reply = await this.#run('reconcile', this.#packer.finish())
    this.#parts.partition.forget(targets.map(({ jobId }) => jobId))
    return reply.slice(1).map((done) => Number(done) === 1)
  }

  async amendCounts(byStatus: ReadonlyMap<string, number>): Promise<void> {
    await this.#run('amend', [randomBytes(9).toString('base64url'), ...[...byStatus].flat()])
  }

  async lease(task: Task, owner: string, forMs: number): Promise<boolean> {
    return Number((await this.#run('lease', [task, owner, forMs]))[1]) === 1
  }

  /** The epoch that is kept; null if it is lost. */
  epoch(): Promise<string | null> {
    const { link, keys } = this.#parts
    return link.caller.call((redis) => redis.hget(keys.meta, 'epoch'))
  }

  isAdopting(): Promise<boolean> {
    const { link, keys } = this.#parts
    return link.caller.call(async (redis) => (await redis.hexists(keys.meta, 'adopting')) === 1)
  }

  /** @returns 1 if anything was wrong, else 0 */
  async revive(partitions: number, epoch: string, endsAdoption: boolean): Promise<number> {
    const [tag, wrong] = await this.#run('revive', [partitions, epoch, endsAdoption ? 1 : 0])
    if (String(tag) === 'ADOPTING') throw unfinishedImport()
    return Number(wrong)
  }

  #run(run: Run, args: Argument[]): Promise<unknown[]> {
    const { link, keys } = this.#parts
    return link.maintain(run, keys.meta, args)
  }

  /** The older events of a job that has many. */
  async #complete(
    jobId: string,
    events: StoredEvent[],
    from: string,
    through: Position,
    isThin: boolean,
  ): Promise<void> {
    if (from === '') return
    const trail = isThin ? new ThinTrail(events, through) : events
    let next: EventId | null = eventIdOf(this.#parts.index, from)
    while (next !== null) {
      const page = await this.#parts.partition.history(jobId, next, PAGE)
      const end = page.events.findIndex((event) => isWhole(event) && event.position.sequence <= through.sequence)
      const older = end < 0 ? page.events : page.events.slice(0, end + 1)
      for (const event of older) trail.push(event)
      next = end < 0 && !page.isTruncated ? page.next : null
    }
  }
}

function positionOf(sequence: string | undefined, key: string | undefined): Position {
  return sequence === undefined || sequence === '0' || key === undefined ? START : { sequence: Number(sequence), key }
}

function scoreIn(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : Number(text)
}
