import { setImmediate as nextTurn } from 'node:timers/promises'
import { expire } from '../core/decide.ts'
import type { JobCore } from '../core/job.ts'
import type { MemoryState } from './memory-state.ts'

/** Jobs that are removed in one turn of the event loop, whoever asks: some milliseconds. */
const SWEEP_STEP = 500

/** The end of jobs whose time has come, and reads in which none of them is left. Each turn of the event loop has a part of it. */
export class Expiry {
  readonly #state: MemoryState
  /** Ends with the turn in which jobs were removed; until then no more are. */
  #turn: Promise<void> | null = null

  constructor(state: MemoryState) {
    this.#state = state
  }

  /** Removes up to `limit` due jobs, each with its `expired` event. @returns how many */
  async sweep(limit: number): Promise<number> {
    let removed = 0
    while (removed < limit && this.#findDue() !== null) {
      if (this.#turn === null) removed += this.#expireDue(Math.min(SWEEP_STEP, limit - removed))
      else await this.#turn
    }
    return removed
  }

  /** Reads a state in which nothing is due: in the same turn in which nothing was. */
  async readSwept<R>(read: () => R): Promise<R> {
    while (this.#findDue() !== null) {
      if (this.#turn === null) this.#expireDue(SWEEP_STEP)
      else await this.#turn
    }
    return read()
  }

  #expireDue(limit: number): number {
    const at = this.#state.eventMs()
    let removed = 0
    for (let due = this.#findDue(); due !== null && removed < limit; due = this.#findDue()) {
      this.#state.append(expire(due.job, due.version + 1), at, null)
      removed++
    }
    this.#turn = nextTurn().then(() => {
      this.#turn = null
    })
    return removed
  }

  /** The job whose time came first. @throws ProjectionLostError if there is no telling what is due */
  #findDue(): { job: JobCore; version: number } | null {
    this.#state.requireWhole()
    const { indexes, states } = this.#state
    const first = indexes.firstToExpire
    if (first === undefined || first.ms > this.#state.now()) return null
    const { job = null, version = 0 } = states.get(first.id) ?? {}
    return job === null ? null : { job, version }
  }
}
