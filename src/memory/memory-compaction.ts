import type { Position } from '../core/cursor.ts'
import type { AdoptedEvent, Maintenance, Snapshot } from '../maintenance.ts'
import { StoreMismatchError } from '../core/errors.ts'
import { unfinishedImport } from '../unfinished-import.ts'
import type { MemoryState } from './memory-state.ts'

/** The log of a store in memory made shorter, and another log's events taken over. */
export class MemoryCompaction implements Pick<
  Maintenance,
  'positionBefore' | 'snapshot' | 'trim' | 'adopt' | 'isAdopting' | 'revive'
> {
  readonly #state: MemoryState

  constructor(state: MemoryState) {
    this.#state = state
  }

  async positionBefore(_partition: number, ms: number): Promise<Position> {
    return this.#state.log.positionBefore(ms)
  }

  async snapshot(_partition: number, snapshots: readonly Snapshot[]): Promise<boolean[]> {
    return snapshots.map((snapshot) => this.#append(snapshot))
  }

  async trim(_partition: number, through: Position, jobIds: readonly string[]): Promise<void> {
    const { log, states } = this.#state
    log.trim(through.sequence)
    for (const jobId of jobIds) {
      const state = states.get(jobId)
      if (state?.job === null && Number(state.lastEventId) <= through.sequence) states.delete(jobId)
    }
  }

  async adopt(_partition: number, events: readonly AdoptedEvent[]): Promise<number> {
    if (this.#state.log.end.sequence === 0) this.#state.isAdopting = true
    const fresh = events.filter((event) => this.#adoptOne(event))
    return fresh.length
  }

  async isAdopting(): Promise<boolean> {
    return this.#state.isAdopting
  }

  async revive(endsAdoption: boolean): Promise<number> {
    if (!this.#state.isAdopting) return 0
    if (!endsAdoption) throw unfinishedImport()
    this.#state.isAdopting = false
    return 1
  }

  #append({ jobId, version, eventId, userId, data, meta }: Snapshot): boolean {
    const { log, states } = this.#state
    const state = states.get(jobId)
    if (state?.job == null || state.version !== version || state.lastEventId !== eventId) return false
    const lastEventId = log.append({
      type: 'snapshotted',
      stamp: null,
      jobId,
      userId,
      version,
      previous: state.lastEventId,
      at: this.#state.eventMs(),
      removed: [],
      meta,
      data,
    })
    states.set(jobId, { ...state, lastEventId })
    return true
  }

  /** @returns whether it was new */
  #adoptOne(event: AdoptedEvent): boolean {
    const { log, states } = this.#state
    const known = states.get(event.jobId) ?? null
    if (known !== null && !this.#isNewer(event, known)) return false
    if (!this.#state.isAdopting && log.end.sequence > 0)
      throw StoreMismatchError.of('a log with this number of events:', 0, log.size)
    this.#state.isAdopting = true
    const { type, jobId, userId, version, removed, meta, data } = event
    const lastEventId = log.append({
      type,
      stamp: null,
      jobId,
      userId,
      version,
      previous: known?.lastEventId ?? null,
      at: Math.max(event.at, log.lastAt ?? event.at),
      removed: [...removed],
      meta,
      data,
    })
    states.set(jobId, { job: null, version, lastEventId })
    return true
  }

  /** A snapshot has the version of the event before it. */
  #isNewer({ type, version }: AdoptedEvent, known: { version: number; lastEventId: string }): boolean {
    if (version !== known.version) return version > known.version
    return type === 'snapshotted' && this.#state.log.get(known.lastEventId)?.type !== 'snapshotted'
  }
}
