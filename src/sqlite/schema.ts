import { quote, StoreMismatchError } from '../core/errors.ts'
import type { Connection } from './driver.ts'

/** Marks a file as ours in its header: 'jobl'. For ever the same. */
export const APPLICATION_ID = 0x6a6f626c

/** What a step needs besides the file. */
export interface SchemaInputs {
  /** Letters and digits, made at random: for a file that is new. */
  epoch: string
}

/**
 * The steps that lead from an empty file to the present schema. A step that was released never changes: a new one is
 * put behind it. PRAGMA user_version holds how many a file has gone through.
 */
const STEPS: readonly ((connection: Connection, inputs: SchemaInputs) => void)[] = [createTables]

/** How many steps this program knows. */
export const SCHEMA_VERSION: number = STEPS.length

/**
 * Refuses what this program must not touch: another program's file, or a newer schema. Only reads.
 * @throws StoreMismatchError
 */
export function checkSchema(connection: Connection, path: string): void {
  const tables = connection.prepare('SELECT name FROM sqlite_schema ORDER BY rowid LIMIT 3').pluck().all()
  if (tables.length > 0 && pragma(connection, 'application_id') !== APPLICATION_ID)
    throw StoreMismatchError.of(
      `in ${quote(path)}`,
      'those of a job store',
      `tables of another program (${tables.join(', ')})`,
    )
  requireKnownSchema(pragma(connection, 'user_version'))
}

/** @throws StoreMismatchError if the file is of a newer program */
export function requireKnownSchema(version: number): void {
  if (version > SCHEMA_VERSION) throw StoreMismatchError.of('schema version', `at most ${SCHEMA_VERSION}`, version)
}

/** Whether steps are still to be taken. */
export function isOutdated(connection: Connection): boolean {
  return pragma(connection, 'user_version') < SCHEMA_VERSION
}

/** Takes the steps that the file has not taken. Call it in a write transaction: then of many processes one does. */
export function upgradeSchema(connection: Connection, inputs: SchemaInputs): void {
  for (const step of STEPS.slice(pragma(connection, 'user_version'))) step(connection, inputs)
  connection.pragma(`application_id = ${APPLICATION_ID}`)
  connection.pragma(`user_version = ${SCHEMA_VERSION}`)
}

function pragma(connection: Connection, name: 'application_id' | 'user_version'): number {
  return connection.pragma(name, { simple: true }) as number
}

/**
 * Step 1. Times are milliseconds since 1970. A deleted or expired job stays as a row of which only id, version and
 * last_event are not null: the partial indexes leave it out. jobs is a rowid table, since bodies are too large for the
 * inner pages of a table that is ordered by its key. archived_events are not this store's own: they are what stores whose
 * archive it is have dropped, each with its own ids, under the epoch of its store.
 */
function createTables(connection: Connection, { epoch }: SchemaInputs): void {
  connection.exec(`
    CREATE TABLE meta (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      epoch TEXT NOT NULL,
      last_seq INTEGER NOT NULL,
      last_at INTEGER NOT NULL,
      trimmed_through INTEGER NOT NULL,
      is_adopting INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE leases (
      task TEXT PRIMARY KEY,
      owner TEXT NOT NULL,
      until INTEGER NOT NULL,
      for_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE events (
      seq INTEGER PRIMARY KEY,
      type TEXT NOT NULL,
      stamp TEXT,
      job_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      version INTEGER NOT NULL,
      previous INTEGER,
      at INTEGER NOT NULL,
      removed TEXT,
      meta BLOB,
      data BLOB NOT NULL
    ) STRICT;

    CREATE TABLE jobs (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      version INTEGER NOT NULL,
      last_event INTEGER NOT NULL,
      user_id TEXT,
      status TEXT,
      created_at INTEGER,
      expires_at INTEGER,
      body BLOB
    ) STRICT;
    CREATE INDEX jobs_by_user ON jobs (user_id, created_at, id) WHERE user_id IS NOT NULL;
    CREATE INDEX jobs_by_user_and_status ON jobs (user_id, status, created_at, id) WHERE user_id IS NOT NULL;
    CREATE INDEX jobs_by_expiry ON jobs (expires_at, id) WHERE expires_at IS NOT NULL;

    CREATE TABLE status_counts (status TEXT PRIMARY KEY, jobs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE user_counts (user_id TEXT PRIMARY KEY, jobs INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE commands (
      number INTEGER PRIMARY KEY,
      job_id TEXT NOT NULL,
      command_id TEXT NOT NULL,
      digest TEXT NOT NULL,
      version INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      UNIQUE (job_id, command_id)
    ) STRICT;

    CREATE TABLE archived_events (
      number INTEGER PRIMARY KEY,
      epoch TEXT NOT NULL,
      partition INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      event_id TEXT NOT NULL,
      cursor TEXT NOT NULL,
      type TEXT NOT NULL,
      job_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      version INTEGER NOT NULL,
      previous TEXT,
      at INTEGER NOT NULL,
      removed TEXT,
      meta BLOB,
      data BLOB NOT NULL,
      UNIQUE (epoch, event_id)
    ) STRICT;
    CREATE INDEX archived_events_by_place ON archived_events (epoch, partition, seq);
    CREATE INDEX archived_events_by_job ON archived_events (job_id, at, epoch, seq);
  `)
  connection.prepare('INSERT INTO meta VALUES (1, ?, 0, 0, 0, 0)').run(epoch)
}
