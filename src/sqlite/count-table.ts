import type { Connection, Statement } from './driver.ts'

/** How many live jobs there are of each status and user, so that a count costs the same however many there are. */
export class CountTable {
  readonly #ofStatus: Statement<[status: string], number>
  readonly #ofUser: Statement<[userId: string], number>
  readonly #byStatus: Statement<[], [status: string, jobs: number]>
  readonly #byUser: Statement<[], [userId: string, jobs: number]>
  readonly #addToStatus: Statement<[status: string, by: number]>
  readonly #addToUser: Statement<[userId: string, by: number]>
  readonly #forgetUser: Statement<[userId: string]>

  constructor(connection: Connection) {
    this.#ofStatus = connection.prepare<[string], number>('SELECT jobs FROM status_counts WHERE status = ?').pluck()
    this.#ofUser = connection.prepare<[string], number>('SELECT jobs FROM user_counts WHERE user_id = ?').pluck()
    this.#byStatus = connection.prepare<[], [string, number]>('SELECT status, jobs FROM status_counts').raw()
    this.#byUser = connection.prepare<[], [string, number]>('SELECT user_id, jobs FROM user_counts').raw()
    this.#addToStatus = connection.prepare(
      `INSERT INTO status_counts VALUES (?, ?) ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs`,
    )
    this.#addToUser = connection.prepare(
      `INSERT INTO user_counts VALUES (?, ?) ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs`,
    )
    this.#forgetUser = connection.prepare('DELETE FROM user_counts WHERE user_id = ? AND jobs = 0')
  }

  ofStatus(status: string): number {
    return this.#ofStatus.get(status) ?? 0
  }

  ofUser(userId: string): number {
    return this.#ofUser.get(userId) ?? 0
  }

  byStatus(): Map<string, number> {
    return new Map(this.#byStatus.all())
  }

  /** Of every user that has jobs. They must be of one instant, so there are no pages: a million take a second and 100 MB. */
  byUser(): Map<string, number> {
    return new Map(this.#byUser.all())
  }

  addToStatus(status: string, by: number): void {
    if (by !== 0) this.#addToStatus.run(status, by)
  }

  /** A user without jobs leaves no row behind: users come and go by the million, statuses don't. */
  addToUser(userId: string, by: number): void {
    if (by !== 0) this.#addToUser.run(userId, by)
    if (by < 0) this.#forgetUser.run(userId)
  }
}
