import { setImmediate as nextTurn } from 'node:timers/promises'
import { StoreUnavailableError } from '../core/errors.ts'
import type { SqliteFile } from './sqlite-file.ts'
import type { Tables } from './tables.ts'
import { WriteBatch } from './write-batch.ts'

/** Jobs that one transaction removes at most: some 10 ms, for which writers wait and this process stands still. */
const SWEEP_STEP = 500

/** How long a read goes on sweeping, however many jobs are due. */
const READ_SWEEPS_FOR_MS = 5000

/** A deadline that allows one try: a read waits for no other writer. */
const AT_ONCE = 0

/** The end of jobs whose time has come, and reads in which none of them is left. */
export class Expiry {
  readonly #file: SqliteFile
  readonly #now: () => number

  /** @param now the clock, in ms since 1970 */
  constructor(file: SqliteFile, now: () => number) {
    this.#file = file
    this.#now = now
  }

  /** Removes up to `limit` due jobs, each with its `expired` event, in steps. @returns how many */
  async sweep(limit: number): Promise<number> {
    let removed = 0
    while (removed < limit && (await this.#file.read((tables) => this.#isAnyDue(tables)))) {
      removed += await this.#expireDue(Math.min(SWEEP_STEP, limit - removed))
      await nextTurn()
    }
    return removed
  }

  /**
   * Reads a state in which nothing is due. A write transaction is opened only if something is. If that can't be done at once
   * (another program writes, the disk is full), the read is told instead what to leave out.
   * @param run `dueBy`: jobs whose time had come then are still there; null: none are
   */
  async readSwept<R>(run: (tables: Tables, dueBy: number | null) => R): Promise<R> {
    const deadline = performance.now() + READ_SWEEPS_FOR_MS
    for (let maySweep = true; ; maySweep = (await this.#trySweep()) && performance.now() < deadline) {
      const read = await this.#file.read((tables) => {
        const now = this.clock(tables)
        const isAnyDue = tables.jobs.isAnyDue(now)
        return isAnyDue && maySweep ? null : { result: run(tables, isAnyDue ? now : null) }
      })
      if (read !== null) return read.result
    }
  }

  /** The clock. @throws ProjectionLostError if there is no telling what is due */
  clock({ meta }: Tables): number {
    meta.headOfWhole()
    return this.#now()
  }

  /** @returns whether it went well */
  async #trySweep(): Promise<boolean> {
    try {
      await this.#expireDue(SWEEP_STEP, AT_ONCE)
    } catch (error) {
      if (error instanceof StoreUnavailableError) return false
      throw error
    }
    await nextTurn()
    return true
  }

  #expireDue(limit: number, deadline = Infinity): Promise<number> {
    return this.#file.write((tables) => {
      const batch = new WriteBatch(tables, this.#now())
      const removed = batch.expireDue(limit)
      batch.save()
      return removed
    }, deadline)
  }

  #isAnyDue(tables: Tables): boolean {
    return tables.jobs.isAnyDue(this.clock(tables))
  }
}
