import type { Connection, Statement } from './driver.ts'

/** Where a job stands in the log. */
export interface JobLink {
  number: number
  version: number
  lastEvent: number
  /** 0 for one that has ended. */
  isLive: 0 | 1
}

/** How the rows of `jobs` hang on the log, without what they say: for whoever makes the log shorter, or fills it. */
export class JobLinks {
  readonly #find: Statement<[id: string], JobLink>
  readonly #move: Statement<[version: number, lastEvent: number, number: number]>
  readonly #add: Statement<[id: string, version: number, lastEvent: number]>
  readonly #removeEnded: Statement<[id: string, through: number]>

  constructor(connection: Connection) {
    // typeof looks at the row's header only: a body may be a megabyte in pages of its own.
    this.#find = connection.prepare(
      `SELECT number, version, last_event AS lastEvent, typeof(body) <> 'null' AS isLive FROM jobs WHERE id = ?`,
    )
    this.#move = connection.prepare('UPDATE jobs SET version = ?, last_event = ? WHERE number = ?')
    this.#add = connection.prepare('INSERT INTO jobs (id, version, last_event) VALUES (?, ?, ?)')
    this.#removeEnded = connection.prepare(
      `DELETE FROM jobs WHERE id = ? AND last_event <= ? AND typeof(body) = 'null'`,
    )
  }

  find(id: string): JobLink | null {
    return this.#find.get(id) ?? null
  }

  move(number: number, version: number, lastEvent: number): void {
    this.#move.run(version, lastEvent, number)
  }

  /** A row without a job: its state is to be made from the log. */
  add(id: string, version: number, lastEvent: number): void {
    this.#add.run(id, version, lastEvent)
  }

  /** Forgets a job that has ended with an event up to this number, if it has. */
  removeEnded(id: string, through: number): void {
    this.#removeEnded.run(id, through)
  }
}
