import type { JobStore } from '../../src/index.ts'
import { runAll } from '../measure.ts'
import {
  aHistoryRecord,
  aRecord,
  COUNTED,
  EVENTS_A_HISTORY,
  FIRST_CREATED,
  HISTORIES,
  historyIdOf,
  idOf,
  JOBS,
  JOBS_A_USER,
  progressOf,
  userOf,
} from '../record.ts'
import type { Contender, Task, Verb } from './contender.ts'

/** Instances that a cold round opens: each reads every job once, so that no job is seen twice by one. */
const COLD_STORES = 4

/** One of several processes on the same jobs, counted from 0. */
export interface Share {
  index: number
  of: number
}

/** A store of this package, on any backend. */
export class Jobledger implements Contender {
  readonly name: string
  readonly isOnServer: boolean
  readonly #open: () => JobStore
  readonly #store: JobStore
  readonly #share: Share
  #created: number

  /** @param open makes an instance; every one of them is to see the same jobs, but for memory */
  constructor(backend: 'memory' | 'sqlite' | 'redis', open: () => JobStore, share: Share = { index: 0, of: 1 }) {
    this.#share = share
    this.#created = FIRST_CREATED * (1 + share.index)
    this.name = `jobledger ${backend}`
    this.isOnServer = backend === 'redis'
    this.#open = open
    this.#store = open()
  }

  async fill(): Promise<void> {
    const store = this.#store
    await runAll(JOBS, (turn) => store.create(aRecord(turn)))
    await fillHistories(store)
  }

  async begin(verb: Verb): Promise<Task | null> {
    const store = this.#store
    switch (verb) {
      case 'create':
        return { run: () => store.create(aRecord(this.#created++)) }
      case 'updateProgress':
        return { run: (turn) => store.updateProgress(this.#ownId(turn), progressOf(turn)) }
      case 'findById':
        return { run: (turn) => store.findById(idOf(turn % JOBS)) }
      case 'findByIdCold':
        return this.name === 'jobledger memory' ? null : this.#beginCold()
      case 'findByUserId':
        return { run: (turn) => store.findByUserId(userOf((turn * JOBS_A_USER) % JOBS)) }
      case 'countByStatus':
        return { run: () => store.countByStatus(COUNTED) }
      case 'history':
        return { run: (turn) => readHistory(store, turn) }
    }
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #ownId(turn: number): string {
    const { index, of } = this.#share
    const own = Math.floor(JOBS / of)
    return idOf(index * own + (turn % own))
  }

  async #beginCold(): Promise<Task> {
    const stores = Array.from({ length: COLD_STORES }, this.#open)
    await Promise.all(stores.map((store) => store.ready()))
    return {
      run: (turn) => (stores[Math.floor(turn / JOBS)] as JobStore).findById(idOf(turn % JOBS)),
      maxTurns: COLD_STORES * JOBS,
      end: async () => {
        await Promise.all(stores.map((store) => store.close()))
      },
    }
  }
}

/** Jobs of 10 events each, event by event, so that a job's events stand far apart in the log. */
async function fillHistories(store: JobStore): Promise<void> {
  await runAll(HISTORIES, (turn) => store.create(aHistoryRecord(turn)))
  for (let event = 1; event < EVENTS_A_HISTORY; event++)
    await runAll(HISTORIES, (turn) => store.updateProgress(historyIdOf(turn), progressOf(event)))
}

/** One job's whole history. @returns its events */
async function readHistory(store: JobStore, turn: number): Promise<unknown[]> {
  const events: unknown[] = []
  for await (const event of store.history(historyIdOf(turn % HISTORIES))) events.push(event)
  return events
}
