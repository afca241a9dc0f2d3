import Database from 'better-sqlite3'

import type { Job } from '../../src/index.ts'
import { aRecord, FIRST_CREATED, idOf, JOBS, progressOf } from '../record.ts'
import type { Contender, Task, Verb } from './contender.ts'

/** Commands a transaction. */
const BATCH = 128

interface Row {
  number: number
  version: number
  lastEvent: number
  body: string
}

/**
 * What one would write by hand on better-sqlite3 for the same: events, jobs with the same three indexes, counts by status
 * and user, in transactions of 128, with synchronous FULL. A bare loop: no promises, no checks, no other process.
 */
export class SqliteLoop implements Contender {
  readonly name = 'better-sqlite3 loop'
  readonly isOnServer = false
  readonly #database: Database.Database
  readonly #create: (turn: number) => void
  readonly #updateProgress: (turn: number) => void
  #created = FIRST_CREATED
  #sequence = 0

  constructor(path: string) {
    this.#database = new Database(path)
    this.#database.pragma('journal_mode = WAL')
    this.#database.pragma('synchronous = FULL')
    this.#database.exec(SCHEMA)
    this.#create = this.#prepareCreate()
    this.#updateProgress = this.#prepareUpdateProgress()
  }

  async fill(): Promise<void> {
    for (let from = 0; from < JOBS; from += BATCH)
      this.#transact(
        this.#create,
        Array.from({ length: Math.min(BATCH, JOBS - from) }, (_, index) => from + index),
      )
  }

  async begin(verb: Verb, inFlight: number): Promise<Task | null> {
    if (inFlight < BATCH) return null
    const common = { callsATurn: BATCH, maxInFlight: 1 }
    if (verb === 'create')
      return {
        ...common,
        run: async () =>
          this.#transact(
            this.#create,
            this.#next(() => this.#created++),
          ),
      }
    if (verb !== 'updateProgress') return null
    return {
      ...common,
      run: async (turn) => {
        let at = turn * BATCH
        this.#transact(
          this.#updateProgress,
          this.#next(() => at++),
        )
      },
    }
  }

  async close(): Promise<void> {
    this.#database.close()
  }

  #next(turn: () => number): number[] {
    return Array.from({ length: BATCH }, turn)
  }

  #transact(work: (turn: number) => void, turns: readonly number[]): void {
    this.#database
      .transaction(() => {
        for (const turn of turns) work(turn)
      })
      .immediate()
  }

  #prepareCreate(): (turn: number) => void {
    const append = this.#database.prepare(APPEND)
    const insert = this.#database.prepare('INSERT INTO jobs VALUES (NULL, ?, 1, ?, ?, ?, ?, ?, ?)')
    const countStatus = this.#database.prepare(COUNT('status_counts'))
    const countUser = this.#database.prepare(COUNT('user_counts'))
    return (turn) => {
      const job = aRecord(turn)
      const body = JSON.stringify(job)
      const { id, userId, status, createdAt, expiresAt } = job
      append.run(++this.#sequence, 'created', id, userId, 1, null, Date.now(), body)
      insert.run(id, this.#sequence, userId, status, createdAt.getTime(), expiresAt.getTime(), body)
      countStatus.run(status)
      countUser.run(userId)
    }
  }

  #prepareUpdateProgress(): (turn: number) => Job {
    const append = this.#database.prepare(APPEND)
    const find = this.#database.prepare<[string], Row>(
      'SELECT number, version, last_event AS lastEvent, body FROM jobs WHERE id = ?',
    )
    const update = this.#database.prepare('UPDATE jobs SET version = ?, last_event = ?, body = ? WHERE number = ?')
    return (turn) => {
      const { number, version, lastEvent, body } = find.get(idOf(turn % JOBS)) as Row
      const progress = progressOf(turn)
      const job = { ...(JSON.parse(body) as Job), progress }
      const { id, userId } = job
      append.run(
        ++this.#sequence,
        'progressed',
        id,
        userId,
        version + 1,
        lastEvent,
        Date.now(),
        JSON.stringify({ progress }),
      )
      update.run(version + 1, this.#sequence, JSON.stringify(job), number)
      return job
    }
  }
}

const APPEND = 'INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)'

function COUNT(table: string): string {
  return `INSERT INTO ${table} VALUES (?, 1) ON CONFLICT DO UPDATE SET jobs = jobs + 1`
}

const SCHEMA = `
  CREATE TABLE events (seq INTEGER PRIMARY KEY, type TEXT NOT NULL, job_id TEXT NOT NULL, user_id TEXT NOT NULL,
    version INTEGER NOT NULL, previous INTEGER, at INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
  CREATE TABLE jobs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
    last_event INTEGER NOT NULL, user_id TEXT, status TEXT, created_at INTEGER, expires_at INTEGER, body TEXT) STRICT;
  CREATE INDEX jobs_by_user ON jobs (user_id, created_at, id);
  CREATE INDEX jobs_by_user_and_status ON jobs (user_id, status, created_at, id);
  CREATE INDEX jobs_by_expiry ON jobs (expires_at, id);
  CREATE TABLE status_counts (status TEXT PRIMARY KEY, jobs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE user_counts (user_id TEXT PRIMARY KEY, jobs INTEGER NOT NULL) STRICT, WITHOUT ROWID`
