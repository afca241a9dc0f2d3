import { resolve } from 'node:path'

import type { Command } from 'commander'

import { JobStoreError, quote } from '../core/errors.ts'
import { SqliteJobStore } from '../sqlite/sqlite-job-store.ts'
import type { AnyJob, Context } from './context.ts'
import { UsageError } from './exit-codes.ts'
import { isThere } from './open-store.ts'

/** What a command that knows of archives is given. */
export interface ArchiveOptions {
  archive?: string
}

/** Adds --archive to a command that reads the log. */
export function readingArchive(command: Command): Command {
  return command.option('--archive <url>', 'sqlite:path, where compacted events are: read it and the log as one')
}

/** Lets a command read archive and log as one, if an archive is given: the store of the context knows it then. */
export function withArchive<R>(
  context: Context,
  options: ArchiveOptions,
  use: (context: Context) => Promise<R>,
): Promise<R> {
  return openArchive(options, { mayBeNew: false }, (archive) =>
    use(archive === null ? context : { ...context, config: () => ({ ...context.config(), archive }) }),
  )
}

/**
 * Opens the archive, if one is given, does something with it and closes it.
 * @param mayBeNew make it if it is not there
 * @throws UsageError, JobStoreError (NO_STORE)
 */
export async function openArchive<R>(
  { archive }: ArchiveOptions,
  { mayBeNew }: { mayBeNew: boolean },
  use: (archive: SqliteJobStore<AnyJob> | null) => Promise<R>,
): Promise<R> {
  if (archive === undefined) return use(null)
  const path = /^sqlite:(.+)$/s.exec(archive)?.[1]
  if (path === undefined) throw new UsageError('--archive: expected sqlite:path, got another text.')
  if (!mayBeNew && !isThere(path))
    throw new JobStoreError('NO_STORE', `There is no archive at ${quote(resolve(path))}.`)
  const opened = new SqliteJobStore<AnyJob>(path, { sweepIntervalMs: 0 })
  try {
    return await use(opened)
  } finally {
    await opened.close()
  }
}
