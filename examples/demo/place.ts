import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { Redis } from 'ioredis'

import { InvalidConfigError, type JobStoreConfig } from '../../src/index.ts'
import type { DemoOptions } from './options.ts'

/** Where a run's jobs stand, and what becomes of them afterwards. */
export interface Place {
  config: JobStoreConfig
  /** For people; without a password. */
  label: string
  /** What becomes of the jobs, and how to look at them if they stay. */
  afterwards: string
  /** Removes what was made for this run only. Idempotent. */
  clear(): Promise<void>
}

/** A Redis that doesn't answer for so long is told as not there. */
const RETRY_FOR_MS = 5000
const CONNECT_TIMEOUT_MS = 2000
/** Short, so that expiry can be watched. */
const SWEEP_INTERVAL_MS = 500
/** Keys that one call looks at, and removes. */
const CLEAR_STEP = 1000

/** @param run names the run: letters and digits */
export function placeOf({ store, path, url, prefix }: DemoOptions, run: string): Place {
  switch (store) {
    case 'memory':
      return {
        config: { type: 'memory', sweepIntervalMs: SWEEP_INTERVAL_MS },
        label: 'memory',
        afterwards: 'Nothing of this run is kept: memory is gone with the process.',
        clear: async () => {},
      }
    case 'sqlite':
      return path === null ? temporaryFile() : file(path)
    case 'redis':
      return redis(url, prefix ?? `demo-${run}`, prefix !== null)
  }
}

function file(path: string): Place {
  return {
    config: { type: 'sqlite', path, sweepIntervalMs: SWEEP_INTERVAL_MS },
    label: `sqlite, ${path}`,
    afterwards: kept(`sqlite3 ${shellQuote(resolve(path))} 'SELECT seq, type, job_id, version FROM events LIMIT 10'`),
    clear: async () => {},
  }
}

function temporaryFile(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-demo-'))
  const clear = async (): Promise<void> => rmSync(folder, { recursive: true, force: true })
  return {
    ...file(join(folder, 'jobs.db')),
    label: 'sqlite, a temporary file',
    afterwards: 'The temporary file is removed. --path FILE keeps one.',
    clear,
  }
}

function redis(url: string, prefix: string, isKept: boolean): Place {
  const { host, db } = addressOf(url)
  const keys = `{${prefix}:*`
  const cli = `redis-cli -u ${shellQuote(`redis://${host}${db}`)}`
  return {
    config: { type: 'redis', url, prefix, retryForMs: RETRY_FOR_MS, sweepIntervalMs: SWEEP_INTERVAL_MS },
    label: `redis at ${host}${db}, prefix ${prefix}`,
    afterwards: isKept
      ? kept(`${cli} --scan --pattern ${shellQuote(keys)} | head`)
      : 'The keys of this run are removed. --prefix TEXT keeps them.',
    clear: async () => (isKept ? undefined : removeKeys(url, keys)),
  }
}

function kept(command: string): string {
  return `The jobs are kept. To look at them:\n  ${command}`
}

function addressOf(url: string): { host: string; db: string } {
  if (!/^rediss?:\/\/./.test(url) || !URL.canParse(url))
    throw InvalidConfigError.of('--url', 'a URL like redis://localhost:6379', url.replace(/\/\/[^@/]*@/, '//…@'))
  const { hostname, port, pathname } = new URL(url)
  return { host: `${hostname || 'localhost'}:${port || 6379}`, db: pathname === '/' ? '' : pathname }
}

async function removeKeys(url: string, pattern: string): Promise<void> {
  const client = new Redis(url, {
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
  })
  // Without a listener ioredis prints each error; the call that fails throws it.
  client.on('error', () => {})
  try {
    for await (const keys of client.scanStream({ match: pattern, count: CLEAR_STEP }))
      if ((keys as string[]).length > 0) await client.unlink(keys as string[])
  } finally {
    client.disconnect()
  }
}

function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
