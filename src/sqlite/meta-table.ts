import { unfinishedImport } from '../unfinished-import.ts'
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
  /** Another log's events were adopted, and the state was not made of them yet. */
  isAdopting: boolean
}

type HeadRow = Omit<LogHead, 'isAdopting'> & { isAdopting: 0 | 1; schema: number }

/** The one row about the store as a whole. */
export class MetaTable {
  readonly #epoch: Statement<[], { epoch: string }>
  readonly #head: Statement<[], HeadRow>
  readonly #advance: Statement<[sequence: number, at: number]>
  readonly #trim: Statement<[through: number]>
  readonly #setAdopting: Statement<[isAdopting: 0 | 1]>

  constructor(connection: Connection) {
    this.#epoch = connection.prepare('SELECT epoch FROM meta')
    this.#head = connection.prepare(
      `SELECT last_seq AS sequence, last_at AS at, trimmed_through AS trimmedThrough,
         is_adopting AS isAdopting, user_version AS schema
       FROM meta, pragma_user_version`,
    )
    this.#advance = connection.prepare('UPDATE meta SET last_seq = ?, last_at = ?')
    this.#trim = connection.prepare('UPDATE meta SET trimmed_through = ?')
    this.#setAdopting = connection.prepare('UPDATE meta SET is_adopting = ?')
  }

  get epoch(): string {
    return (this.#epoch.get() as { epoch: string }).epoch
  }

  /**
   * Also looks whether a newer program has taken the file over while this one has it open.
   * @throws StoreMismatchError
   */
  head(): LogHead {
    const { schema, isAdopting, ...head } = this.#head.get() as HeadRow
    requireKnownSchema(schema)
    return { ...head, isAdopting: isAdopting === 1 }
  }

  /** The same, for who needs the state. @throws ProjectionLostError while it is not what the log says */
  headOfWhole(): LogHead {
    const head = this.head()
    if (head.isAdopting) throw unfinishedImport()
    return head
  }

  /** Moves the log's end. */
  advance(sequence: number, at: number): void {
    this.#advance.run(sequence, at)
  }

  /** Moves the log's beginning. */
  trim(through: number): void {
    this.#trim.run(through)
  }

  setAdopting(isAdopting: boolean): void {
    this.#setAdopting.run(isAdopting ? 1 : 0)
  }
}
