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
  readonly #owner: string

  /**
   * @param now the clock, in ms since 1970
   * @param owner names this store among those that sweep one file
   */
  constructor(file: SqliteFile, now: () => number, owner: string) {
    this.#file = file
    this.#now = now
    this.#owner = owner
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

  /** Whether this store is the one to sweep for so long. */
  async lease(forMs: number): Promise<boolean> {
    const mayTake = ({ meta }: Tables): boolean => {
      const { owner, until } = meta.lease()
      const now = this.#now()
      // One that ends later than any lease could was taken by a clock that has been set back since.
      return owner === this.#owner || until <= now || until > now + forMs
    }
    if (!(await this.#file.read(mayTake))) return false
    return this.#file.write((tables) => {
      const isMine = mayTake(tables)
      if (isMine) tables.meta.grant(this.#owner, this.#now() + forMs)
      return isMine
    })
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

  /** The clock, but never earlier than the newest event. */
  clock({ meta }: Tables): number {
    return Math.max(this.#now(), meta.head().at)
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
