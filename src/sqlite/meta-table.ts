import type { Connection, Statement } from './driver.ts'
import { requireKnownSchema } from './schema.ts'

/** Where the log begins and ends. */
export interface LogHead {
  /** The newest event's number, 0 if there was none. */
  sequence: number
  /** The newest event's time, ms. */
  at: number
  /** The number of the newest event that was compacted away, 0 if none was. */
  trimmedThrough: number
}

/** The one row about the store as a whole. */
export class MetaTable {
  readonly #epoch: Statement<[], { epoch: string }>
  readonly #head: Statement<[], LogHead & { schema: number }>
  readonly #advance: Statement<[sequence: number, at: number]>
  readonly #lease: Statement<[], { owner: string | null; until: number }>
  readonly #grant: Statement<[owner: string, until: number]>

  constructor(connection: Connection) {
    this.#epoch = connection.prepare('SELECT epoch FROM meta')
    this.#head = connection.prepare(
      `SELECT last_seq AS sequence, last_at AS at, trimmed_through AS trimmedThrough, user_version AS schema
       FROM meta, pragma_user_version`,
    )
    this.#advance = connection.prepare('UPDATE meta SET last_seq = ?, last_at = ?')
    this.#lease = connection.prepare('SELECT sweeper AS owner, sweeper_until AS until FROM meta')
    this.#grant = connection.prepare('UPDATE meta SET sweeper = ?, sweeper_until = ?')
  }

  get epoch(): string {
    return (this.#epoch.get() as { epoch: string }).epoch
  }

  /**
   * Also looks whether a newer program has taken the file over while this one has it open.
   * @throws StoreMismatchError
   */
  head(): LogHead {
    const { schema, ...head } = this.#head.get() as LogHead & { schema: number }
    requireKnownSchema(schema)
    return head
  }

  /** Moves the log's end. */
  advance(sequence: number, at: number): void {
    this.#advance.run(sequence, at)
  }

  /** Who sweeps, and until when. */
  lease(): { owner: string | null; until: number } {
    return this.#lease.get() as { owner: string | null; until: number }
  }

  grant(owner: string, until: number): void {
    this.#grant.run(owner, until)
  }
}
