import type { Task } from '../backend.ts'
import { START, type Position } from '../core/cursor.ts'
import { StoreMismatchError } from '../core/errors.ts'
import type { EventId } from '../core/event.ts'
import { isWhole } from '../core/evolve.ts'
import type {
  AdoptedEvent,
  Audit,
  AuditRequest,
  Census,
  EventHead,
  Leftover,
  Snapshot,
  Target,
} from '../maintenance.ts'
import type { StoredEvent } from '../stored-event.ts'
import { codeOf, encodeRemoved, ENTRY_LENGTH, eventIdOf, readEntries, streamIdOf } from './event-entries.ts'
import { FramePacker } from './frame-packer.ts'
import { pushSnapshot } from './frames.ts'
import type { PartitionKeys } from './keys.ts'
import { FORMAT, type Argument, type Link } from './link.ts'
import { readLiveState } from './live-state.ts'
import type { Partition } from './partition.ts'
import type { Run } from './scripts.ts'
import { type KeyScanner, parseKey, type StoreKey } from './store-keys.ts'
import { targetHash } from './target-hash.ts'

/** Events of one job that an audit brings by itself, so that no call holds Redis for long; the others come one call later. */
const EVENTS_A_JOB = 32
/** Events that a call brings of one job beyond these. */
const PAGE = 256
/** Ids that one call looks at. */
const IDS_A_CALL = 200

const SNAPSHOT = codeOf('snapshotted')

/** What a partition's maintenance works with. */
export interface MaintenanceParts {
  index: number
  keys: PartitionKeys
  partition: Partition
  inlineBytes: number
  link: Link
  scanner: KeyScanner
}

/** One partition, as the projector sees it. */
export class PartitionMaintenance {
  readonly #parts: MaintenanceParts

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
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
    const found = jobs.map(({ jobId }) => {
      const hash = take(Number(reply[at++]))
      const [user, userStatus, expiry, next] = take(4).map(String)
      const count = Number(reply[at++])
      const events = readEntries(take(count * ENTRY_LENGTH), 0, this.#parts.index)
      return { jobId, hash, entries: { user, userStatus, expiry }, next: next ?? '', events }
    })
    return Promise.all(
      found.map(async ({ jobId, hash, entries, next, events }) => {
        await this.#complete(jobId, events, next, through)
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
    const args = targets.flatMap((target) => {
      const hash = targetHash(target, this.#parts.inlineBytes)
      const job = target.state?.job ?? null
      const place =
        job === null ? ['', '', '', ''] : [job.userId, job.status, job.createdAt.getTime(), job.expiresAt.getTime()]
      return [target.jobId, target.seen === null ? '' : streamIdOf(target.seen), hash.length, ...hash, ...place]
    })
    const reply = await this.#run('reconcile', args)
    this.#parts.partition.forget(targets.map(({ jobId }) => jobId))
    return reply.slice(1).map((done) => Number(done) === 1)
  }

  async *leftovers(isAudited: (jobId: string) => boolean): AsyncGenerator<Leftover> {
    const { keys, scanner } = this.#parts
    for await (const names of scanner.keys(keys.base)) {
      const jobs: string[] = []
      const others: [string, StoreKey][] = []
      for (const name of names) {
        const key = parseKey(name.slice(keys.base.length))
        if (key.kind !== 'job') others.push([name, key])
        else if (!isAudited(key.jobId)) jobs.push(key.jobId)
      }
      yield* await this.#unfit('job', '', '', jobs)
      // The first page of each at once: most lists are short, and there are many of them.
      const found = await Promise.all(others.map(([name, key]) => this.#beginningOf(name, key)))
      for (const { leftovers, more } of found) {
        yield* leftovers
        if (more !== null) yield* more
      }
    }
  }

  async removeLeftovers(leftovers: readonly Leftover[]): Promise<number> {
    let removed = 0
    for (const leftover of leftovers)
      removed +=
        leftover.kind === 'foreign' ? await this.#parts.scanner.remove(leftover.name) : await this.#remove(leftover)
    return removed
  }

  async amendCounts(byStatus: ReadonlyMap<string, number>): Promise<void> {
    await this.#run('amend', [...byStatus].flat())
  }

  async positionBefore(ms: number): Promise<Position> {
    const { link, keys } = this.#parts
    // An id without its second part means the greatest of that millisecond.
    const before = await link.caller.call((redis) => redis.xrevrange(keys.events, Math.max(0, ms - 1), '-', 'COUNT', 1))
    const [key, fields] = before[0] ?? []
    if (key !== undefined && fields !== undefined) return { sequence: Number(fields[1]), key }
    return (await this.#parts.partition.bounds()).oldest
  }

  async snapshot(snapshots: readonly Snapshot[]): Promise<boolean[]> {
    const packer = new FramePacker()
    for (const snapshot of snapshots) pushSnapshot(packer, snapshot, this.#parts.inlineBytes)
    const reply = await this.#run('snapshot', packer.finish())
    return reply.slice(1).map((done) => Number(done) === 1)
  }

  async trim(through: Position, jobIds: readonly string[]): Promise<void> {
    await this.#run('trim', [through.sequence, through.key, ...jobIds])
  }

  async adopt(events: readonly AdoptedEvent[]): Promise<number> {
    const args = events.flatMap(({ at, type, jobId, userId, version, removed, meta, data }) => [
      at,
      codeOf(type),
      jobId,
      userId,
      version,
      removed.length === 0 ? '' : encodeRemoved(removed),
      meta === null ? '' : Buffer.from(meta),
      Buffer.from(data),
    ])
    const reply = await this.#run('adopt', args)
    if (String(reply[0]) === 'USED') throw new StoreMismatchError('events', 'none', 'some')
    return Number(reply[1])
  }

  async lease(task: Task, owner: string, forMs: number): Promise<boolean> {
    return Number((await this.#run('lease', [task, owner, forMs]))[1]) === 1
  }

  /** The epoch that is kept; null if it is lost. */
  epoch(): Promise<string | null> {
    const { link, keys } = this.#parts
    return link.caller.call((redis) => redis.hget(keys.meta, 'epoch'))
  }

  /** @returns 1 if anything was wrong, else 0 */
  async revive(partitions: number, epoch: string): Promise<number> {
    return Number((await this.#run('revive', [partitions, epoch]))[1])
  }

  /** Runs a script of this partition, whatever state the store is in. */
  async #run(run: Run, args: Argument[]): Promise<unknown[]> {
    const { link, keys } = this.#parts
    const reply = await link.run(run, keys.meta, [FORMAT, ...args])
    if (String(reply[0]) === 'FORMAT') throw new StoreMismatchError('the format', FORMAT, String(reply[1]))
    return reply
  }

  /** The older events of a job that has many. */
  async #complete(jobId: string, events: StoredEvent[], from: string, through: Position): Promise<void> {
    let next: EventId | null = from === '' ? null : eventIdOf(this.#parts.index, from)
    while (next !== null) {
      const page = await this.#parts.partition.history(jobId, next, PAGE)
      const end = page.events.findIndex((event) => isWhole(event) && event.position.sequence <= through.sequence)
      events.push(...(end < 0 ? page.events : page.events.slice(0, end + 1)))
      next = end < 0 && !page.isTruncated ? page.next : null
    }
  }

  /** What is left over in a key: of an index its first page, and a way to the others. */
  async #beginningOf(
    name: string,
    key: StoreKey,
  ): Promise<{ leftovers: Leftover[]; more: AsyncIterable<Leftover> | null }> {
    const { scanner } = this.#parts
    const foreign: Leftover = { kind: 'foreign', name }
    switch (key.kind) {
      case 'fixed':
      case 'job':
        return { leftovers: [], more: null }
      case 'foreign':
        return { leftovers: [foreign], more: null }
      case 'passing':
        return { leftovers: (await scanner.staysForEver(name)) ? [foreign] : [], more: null }
      case 'index': {
        if (!(await scanner.isSortedSet(name))) return { leftovers: [foreign], more: null }
        const { members, next } = await scanner.members(name, '0')
        const leftovers = await this.#unfit(key.index, key.userId, key.status, members)
        return { leftovers, more: next === '0' ? null : this.#rest(name, key, next) }
      }
    }
  }

  async *#rest(name: string, key: Extract<StoreKey, { kind: 'index' }>, from: string): AsyncGenerator<Leftover> {
    let cursor = from
    while (cursor !== '0') {
      const { members, next } = await this.#parts.scanner.members(name, cursor)
      yield* await this.#unfit(key.index, key.userId, key.status, members)
      cursor = next
    }
  }

  /** Which of these do not fit the live jobs. */
  async #unfit(what: Looked, userId: string, status: string, ids: readonly string[]): Promise<Leftover[]> {
    const leftovers: Leftover[] = []
    for (let at = 0; at < ids.length; at += IDS_A_CALL) {
      const reply = await this.#run('leftovers', [what, userId, status, 0, ...ids.slice(at, at + IDS_A_CALL)])
      for (const id of reply.slice(1)) leftovers.push(leftoverOf(what, String(id), userId, status))
    }
    return leftovers
  }

  async #remove(leftover: Exclude<Leftover, { kind: 'foreign' }>): Promise<number> {
    const userId = 'userId' in leftover ? leftover.userId : ''
    const status = 'status' in leftover ? leftover.status : ''
    const reply = await this.#run('leftovers', [KINDS[leftover.kind], userId, status, 1, leftover.jobId])
    if (leftover.kind === 'job') this.#parts.partition.forget([leftover.jobId])
    return reply.length - 1
  }
}

/** What leftovers.lua looks at. */
type Looked = 'job' | 'user' | 'status' | 'expiry'

const KINDS = { job: 'job', userIndex: 'user', statusIndex: 'status', expiryIndex: 'expiry' } as const

function leftoverOf(what: Looked, jobId: string, userId: string, status: string): Leftover {
  switch (what) {
    case 'job':
      return { kind: 'job', jobId }
    case 'user':
      return { kind: 'userIndex', jobId, userId }
    case 'status':
      return { kind: 'statusIndex', jobId, userId, status }
    case 'expiry':
      return { kind: 'expiryIndex', jobId }
  }
}

function positionOf(sequence: string | undefined, key: string | undefined): Position {
  return sequence === undefined || sequence === '0' || key === undefined ? START : { sequence: Number(sequence), key }
}

function scoreIn(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : Number(text)
}
