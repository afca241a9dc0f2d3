import { setImmediate as nextTurn } from 'node:timers/promises'
import { AuditTrail, type GetEvent } from '../audit-trail.ts'
import type { Position } from '../core/cursor.ts'
import type { JobFields } from '../core/job.ts'
import { copyValue } from '../core/value.ts'
import type { Audit, AuditRequest, Census, EventHead, Leftover, Maintenance, Target } from '../maintenance.ts'
import type { EventLog } from './event-log.ts'
import { entriesOf, type Entry, type Indexes } from './indexes.ts'
import type { MemoryCompaction } from './memory-compaction.ts'
import type { MemoryState } from './memory-state.ts'

/** Jobs and index entries that are looked at in one turn of the event loop. */
const LOOKS_A_TURN = 1000

/**
 * The upkeep of a store in memory, over the same Maps as its backend. Nothing from outside can make them drift; that it
 * could be put right all the same shows what the other backends must do. Each call lets others have a turn first: they
 * are all done without waiting, and a walk over the store would keep timers and sockets waiting.
 */
export class MemoryMaintenance implements Omit<Maintenance, keyof MemoryCompaction | 'outlines'> {
  readonly #log: EventLog
  readonly #states: MemoryState['states']
  readonly #indexes: Indexes

  constructor({ log, states, indexes }: MemoryState) {
    this.#log = log
    this.#states = states
    this.#indexes = indexes
  }

  async census(): Promise<Census> {
    const { end } = this.#log
    return { end, endKept: end, byStatus: new Map(this.#indexes.counts), byUser: null }
  }

  async scanHeads(_partition: number, after: Position, limit: number): Promise<EventHead[]> {
    await nextTurn()
    return this.#log.after(after.sequence, limit).map(({ id, position, jobId, type }) => {
      return { id, position, jobId, isSnapshot: type === 'snapshotted' }
    })
  }

  async audit(_partition: number, requests: readonly AuditRequest[], through: Position): Promise<Audit[]> {
    await nextTurn()
    const trail = new AuditTrail(through)
    const audits = requests.map((request) => this.#auditOne(request, trail))
    while (!trail.isComplete) {
      await nextTurn()
      trail.goOn(this.#get)
    }
    return audits
  }

  async reconcile(_partition: number, targets: readonly Target[]): Promise<boolean[]> {
    return targets.map(({ jobId, seen, state }) => {
      const before = this.#states.get(jobId) ?? null
      if ((before?.lastEventId ?? null) !== seen) return false
      const job = copyValue(state?.job ?? null)
      if (state === null) this.#states.delete(jobId)
      else this.#states.set(jobId, { ...state, job })
      this.#indexes.moveEntries(before?.job ?? null, job)
      return true
    })
  }

  async *leftovers(): AsyncGenerator<Leftover> {
    let looked = 0
    for (const jobId of this.#states.keys()) {
      if (++looked % LOOKS_A_TURN === 0) await nextTurn()
      if (!this.#isInLog(jobId)) yield { kind: 'job', jobId }
    }
    for (const entry of this.#indexes.entries()) {
      if (++looked % LOOKS_A_TURN === 0) await nextTurn()
      if (!this.#belongs(entry)) yield leftoverOf(entry)
    }
  }

  async removeLeftovers(_partition: number, leftovers: readonly Leftover[]): Promise<number> {
    let removed = 0
    for (const leftover of leftovers) {
      if (leftover.kind === 'foreign') continue
      if (leftover.kind === 'job') {
        if (!this.#isInLog(leftover.jobId)) removed += this.#removeJob(leftover.jobId)
      } else removed += this.#removeEntries(leftover)
    }
    return removed
  }

  async amendCounts(_partition: number, byStatus: ReadonlyMap<string, number>): Promise<void> {
    for (const [status, by] of byStatus) this.#indexes.count(status, by)
  }

  readonly #get: GetEvent = (id) => this.#log.get(id)

  #auditOne(request: AuditRequest, trail: AuditTrail): Audit {
    const { jobId } = request
    const state = this.#states.get(jobId) ?? null
    const job = state?.job ?? null
    const place = request.place ?? job
    const entries: Audit['entries'] = { user: null, userStatus: null, expiry: null }
    if (job !== null && place !== null) {
      const [user, userStatus, expiry] = entriesOf({ ...job, userId: place.userId, status: place.status })
      entries.user = this.#msOf(user)
      entries.userStatus = this.#msOf(userStatus)
      entries.expiry = this.#msOf(expiry)
    }
    const live = state === null ? null : { ...state, job: copyValue(job) as JobFields | null }
    return { jobId, live, events: trail.of(request, state?.lastEventId ?? null, this.#get), entries }
  }

  #msOf(entry: Entry | undefined): number | null {
    return entry !== undefined && this.#indexes.has(entry) ? entry.ms : null
  }

  /** Or was: what is kept of an ended job may outlive its events until the next compaction. */
  #isInLog(jobId: string): boolean {
    const state = this.#states.get(jobId)
    if (state === undefined || this.#log.get(state.lastEventId)?.jobId === jobId) return true
    return state.job === null && Number(state.lastEventId) <= this.#log.beginning.sequence
  }

  /** Whether the live job is where the entry says. */
  #belongs(entry: Entry): boolean {
    const job = this.#states.get(entry.jobId)?.job ?? null
    if (job === null) return false
    if (entry.kind === 'expiryIndex') return job.expiresAt.getTime() === entry.ms
    if (job.userId !== entry.userId || job.createdAt.getTime() !== entry.ms) return false
    return entry.kind === 'userIndex' || job.status === entry.status
  }

  #removeJob(jobId: string): number {
    this.#indexes.moveEntries(this.#states.get(jobId)?.job ?? null, null)
    return this.#states.delete(jobId) ? 1 : 0
  }

  /** A leftover does not say at which time it stands: it is searched for. */
  #removeEntries(leftover: Exclude<Leftover, { kind: 'job' | 'foreign' }>): number {
    for (const entry of this.#indexes.entries()) {
      const isIt = entry.kind === leftover.kind && entry.jobId === leftover.jobId
      if (!isIt || this.#belongs(entry)) continue
      this.#indexes.remove(entry)
      return 1
    }
    return 0
  }
}

function leftoverOf(entry: Entry): Leftover {
  switch (entry.kind) {
    case 'userIndex':
      return { kind: entry.kind, jobId: entry.jobId, userId: entry.userId }
    case 'statusIndex':
      return { kind: entry.kind, jobId: entry.jobId, userId: entry.userId, status: entry.status }
    case 'expiryIndex':
      return { kind: entry.kind, jobId: entry.jobId }
  }
}
