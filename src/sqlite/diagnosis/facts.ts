/** What an SQLite file says of itself. */
export interface FileFacts {
  path: string
  bytes: number
  /** Of the write-ahead log beside it. */
  walBytes: number
  /** Whether it holds a job store; false: another program's tables, or none. */
  isStore: boolean
  schemaVersion: number
  journalMode: string
  /** As the store sets it for each connection. */
  synchronous: 'full' | 'normal'
  /** 'ok', or the first things that are wrong. */
  integrity: string[]
  /** null unless it holds a job store that is not damaged. */
  log: LogFacts | null
}

/** The log in it, and who sweeps. */
export interface LogFacts {
  events: number
  sequence: number
  trimmedThrough: number
  lastSequence: number | null
  firstAtMs: number | null
  overdue: number
  /** An import has not come to its end. */
  isAdopting: boolean
  sweeperUntilMs: number | null
}
