import type { JobStore } from '../../src/index.ts'
import { runAll } from '../measure.ts'
import { aRecord, FIRST_CREATED, idOf, progressOf } from '../record.ts'

/** Events of each job: created, then progress. */
export const EVENTS_A_JOB = 5
/** The user who has half of all jobs. */
export const BUSY_USER = 'busy-user'
/** Jobs that are asked for, spread over all: the same number at every size, so that only the size differs. */
const ASKED = 1_000

/** A store of some size, filled and ready to be asked. */
export class SizedStore {
  readonly jobs: number
  readonly store: JobStore
  readonly open: () => JobStore
  #created = FIRST_CREATED

  /** @param open an instance, each of them on the same jobs */
  constructor(jobs: number, open: () => JobStore) {
    this.jobs = jobs
    this.open = open
    this.store = open()
  }

  /** Event by event, so that a job's events stand as far apart in the log as they can. */
  async fill(): Promise<void> {
    await runAll(this.jobs, (turn) => this.store.create(aRecord(turn, turn % 2 === 0 ? { userId: BUSY_USER } : {})))
    for (let event = 1; event < EVENTS_A_JOB; event++)
      await runAll(this.jobs, (turn) => this.store.updateProgress(idOf(turn), progressOf(turn + event)))
  }

  askedId(turn: number): string {
    return idOf(this.#askedPlace(turn))
  }

  /** One beside each of these, which has the events that it was filled with and no others. */
  quietId(turn: number): string {
    return idOf((this.#askedPlace(turn) + 1) % this.jobs)
  }

  /** The job at a place of so many that are spread over all. */
  spreadId(place: number, places: number): string {
    return idOf(this.#spread(place, places))
  }

  /** A job that is not there yet: of users with a thousand jobs each. */
  async createNext(): Promise<void> {
    await this.store.create(aRecord(this.#takeNext()))
  }

  /** Creates jobs that are to be deleted. @returns their ids */
  async createDoomed(count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => idOf(this.#takeNext()))
    await runAll(count, (turn) => this.store.create(aRecord(turn, { id: ids[turn] as string })))
    return ids
  }

  #askedPlace(turn: number): number {
    const asked = Math.min(ASKED, this.jobs)
    return this.#spread(turn % asked, asked)
  }

  #spread(place: number, places: number): number {
    return Math.floor((place * this.jobs) / places)
  }

  #takeNext(): number {
    // Behind the largest size there is.
    return 10 * FIRST_CREATED + this.#created++
  }
}
