import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SqliteFile } from './sqlite-file.ts'
import type { Tables } from './tables.ts'
import { WriteBatch } from './write-batch.ts'

/** Jobs that one transaction removes at most: some 10 ms, for which writers wait and this process stands still. */
const SWEEP_STEP = 500

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

  /** Reads a state in which nothing is due. A write transaction is opened only if something is. */
  async readSwept<R>(run: (tables: Tables) => R): Promise<R> {
    for (;;) {
      const read = await this.#file.read((tables) => (this.#isAnyDue(tables) ? null : { result: run(tables) }))
      if (read !== null) return read.result
      await this.#expireDue(SWEEP_STEP)
      await nextTurn()
    }
  }

  /** The clock. @throws ProjectionLostError if there is no telling what is due */
  clock({ meta }: Tables): number {
    meta.headOfWhole()
    return this.#now()
  }

  #expireDue(limit: number): Promise<number> {
    return this.#file.write((tables) => {
      const batch = new WriteBatch(tables, this.#now())
      const removed = batch.expireDue(limit)
      batch.save()
      return removed
    })
  }

  #isAnyDue(tables: Tables): boolean {
    return tables.jobs.isAnyDue(this.clock(tables))
  }
}
