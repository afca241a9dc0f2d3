import { parseArgs } from 'node:util'

/** What the demo was asked for on its command line. */
export interface DemoOptions {
  store: 'memory' | 'sqlite' | 'redis'
  /** Of Redis; may hold a password. */
  url: string
  /** Of the SQLite file; null: one for this run only. */
  path: string | null
  /** Of the keys in Redis; null: one for this run only. */
  prefix: string | null
  /** A file of jobs; null: the demo makes up its own. */
  input: string | null
  help: boolean
}

/** The command line can't be understood; the message says why. */
export class UsageError extends Error {}

export const HELP = `Takes jobs through their lives in a job store, shows it, and reads the log back.

  npm run demo                                          in memory, no server needed
  npm run demo -- --store sqlite --path FILE            in an SQLite file
  npm run demo -- --store redis --url redis://HOST:PORT in Redis
  npm run demo -- --input FILE                          with the jobs of a file, on any store

Options
  --store NAME    memory (default), sqlite or redis
  --path FILE     with sqlite: the file, made if missing and kept; without it, one that is removed again
  --url URL       with redis: where it is; default redis://localhost:6379
  --prefix TEXT   with redis: what its keys begin with, kept; without it, one that is removed again
  --input FILE    newline-delimited JSON, gzipped or not: one job a line with id, user, start (Unix seconds) and
                  runSeconds (-1: unknown); other fields become fields of the job. When all are stored, the demo
                  checks lists, counts and log against the file
  --help          this text

Exit code: 0 if all went well, 1 if something failed or a check found a difference, 2 if the command line is wrong.`

/** @throws UsageError */
export function readOptions(args: string[]): DemoOptions {
  const values = parse(args)
  const store = values.store ?? 'memory'
  if (store !== 'memory' && store !== 'sqlite' && store !== 'redis')
    throw new UsageError(`--store: expected memory, sqlite or redis, got ${JSON.stringify(store)}.`)
  for (const [option, wanted] of [
    ['path', 'sqlite'],
    ['url', 'redis'],
    ['prefix', 'redis'],
  ] as const)
    if (values[option] !== undefined && store !== wanted)
      throw new UsageError(`--${option} goes with --store ${wanted}, and the store is ${store}.`)
  for (const option of ['path', 'url', 'prefix', 'input'] as const)
    if (values[option]?.trim() === '') throw new UsageError(`--${option}: expected a value, got an empty text.`)
  return {
    store,
    url: values.url ?? 'redis://localhost:6379',
    path: values.path ?? null,
    prefix: values.prefix ?? null,
    input: values.input ?? null,
    help: values.help ?? false,
  }
}

type Values = { [option in 'store' | 'path' | 'url' | 'prefix' | 'input']?: string } & { help?: boolean }

function parse(args: string[]): Values {
  const text = { type: 'string' } as const
  try {
    const options = {
      store: text,
      path: text,
      url: text,
      prefix: text,
      input: text,
      help: { type: 'boolean', short: 'h' },
    } as const
    return parseArgs({ args, options }).values
  } catch (error) {
    // Node's second sentence is about positional arguments, of which there are none here.
    const [sentence = ''] = (error as Error).message.split(/\. |\n/)
    throw new UsageError(sentence.endsWith('.') ? sentence : `${sentence}.`)
  }
}
