import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { StoreOptions } from '../../../src/options.ts'
import { connect, loadDriver, type Connection, type Driver } from '../../../src/sqlite/driver.ts'
import { SqliteBackend, type SqliteBackendOptions } from '../../../src/sqlite/sqlite-backend.ts'
import { SqliteJobStore } from '../../../src/sqlite/sqlite-job-store.ts'
import { EventSourcedStore } from '../../../src/store.ts'
import type { AnyJob } from '../../contract/harness.ts'

/** Runs a test with a path in a folder of its own, which is removed at the end. */
export function withPath(body: (path: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jobledger-sqlite-'))
    try {
      await body(join(folder, 'jobs.db'))
    } finally {
      await rm(folder, { recursive: true })
    }
  }
}

/** The store as users get it, without a sweeper that wakes up in between. */
export function openStore(path: string): SqliteJobStore<AnyJob> {
  return new SqliteJobStore<AnyJob>(path, { sweepIntervalMs: 0 })
}

/** A backend whose clock, driver and patience a test may choose. */
export function newBackend(path: string, options: Partial<SqliteBackendOptions> = {}): SqliteBackend {
  const random = Math.random().toString(36).slice(2)
  const driver = loadDriver()
  return new SqliteBackend({
    driver,
    path,
    synchronous: 'full',
    busyTimeoutMs: 10_000,
    now: Date.now,
    random,
    ...options,
  })
}

/** A store over such a backend. */
export function storeOver(backend: SqliteBackend, options: StoreOptions = {}): EventSourcedStore<AnyJob> {
  return new EventSourcedStore<AnyJob>(backend, { sweepIntervalMs: 0, ...options })
}

/** For a turn among writers that leave each other no gap, on a busy machine. */
const BUSY_TIMEOUT_MS = 30_000

/** Opens the file beside the store, as another program would. */
export function withConnection<R>(path: string, use: (connection: Connection) => R): R {
  const connection = connect(loadDriver(), path, BUSY_TIMEOUT_MS)
  try {
    return use(connection)
  } finally {
    connection.close()
  }
}

/** Holds the file's write lock, as another program would, for as long as the body runs. */
export async function withWriteLock(path: string, body: () => Promise<void>): Promise<void> {
  const connection = connect(loadDriver(), path, 0)
  connection.exec('BEGIN IMMEDIATE')
  try {
    await body()
  } finally {
    connection.exec('ROLLBACK')
    connection.close()
  }
}

/** The real driver, which also puts each connection that it opens into a list. */
export function watchedDriver(): { driver: Driver; connections: Connection[] } {
  const connections: Connection[] = []
  const driver = class extends loadDriver() {
    constructor(...parameters: ConstructorParameters<Driver>) {
      super(...parameters)
      connections.push(this)
    }
  }
  return { driver: driver as unknown as Driver, connections }
}
