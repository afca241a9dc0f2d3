import type { Task } from '../backend.ts'
import type { Connection, Statement } from './driver.ts'

/** Who does a task. */
interface Lease {
  owner: string
  /** Milliseconds since 1970. */
  until: number
  /** How long it was granted for. */
  forMs: number
}

/** Which store of many does what one at a time does. */
export class LeaseTable {
  readonly #find: Statement<[task: string], Lease>
  readonly #grant: Statement<[task: string, owner: string, until: number, forMs: number]>
  readonly #giveBack: Statement<[task: string, owner: string]>

  constructor(connection: Connection) {
    this.#find = connection.prepare('SELECT owner, until, for_ms AS forMs FROM leases WHERE task = ?')
    this.#grant = connection.prepare('INSERT OR REPLACE INTO leases (task, owner, until, for_ms) VALUES (?, ?, ?, ?)')
    this.#giveBack = connection.prepare('DELETE FROM leases WHERE task = ? AND owner = ?')
  }

  /** Whether a store may have it now: nobody has it, or itself. */
  isFree(task: Task, owner: string, now: number): boolean {
    const lease = this.#find.get(task)
    if (lease === undefined || lease.owner === owner || lease.until <= now) return true
    // One that ends much later than it could was taken by a clock that has been set back since; a little is a clock's own.
    return lease.until > now + 2 * lease.forMs
  }

  grant(task: Task, owner: string, now: number, forMs: number): void {
    this.#grant.run(task, owner, now + forMs, forMs)
  }

  /** Does nothing for who does not have it. */
  giveBack(task: Task, owner: string): void {
    this.#giveBack.run(task, owner)
  }
}
