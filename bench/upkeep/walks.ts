import { fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'

import { Redis } from 'ioredis'

/** How long one walk over a log took. */
export interface Walk {
  verb: 'verify' | 'rebuild'
  events: number
  jobs: number
  seconds: number
  /** Of the process that walks, its start included. */
  cpuSeconds: number
  /** Of that process, at its highest, in bytes. */
  peakRss: number
}

/** In a process of its own, as the command line would: what this one has left behind is not the walk's. */
export async function walk(verb: Walk['verb'], url: string, prefix: string): Promise<Walk> {
  const child = fork(`${import.meta.dirname}/walk${extname(import.meta.filename)}`, [url, prefix, verb], {
    stdio: 'inherit',
  })
  const ended = once(child, 'exit')
  const told = await Promise.race([once(child, 'message'), ended])
  await ended
  if (child.exitCode !== 0) throw new Error(`${verb} failed: see above.`)
  return { verb, ...(told[0] as Omit<Walk, 'verb'>) }
}

/** Verify, then rebuild from nothing but the stream. */
export async function walkBoth(url: string, prefix: string): Promise<Walk[]> {
  const verified = await walk('verify', url, prefix)
  await deleteAllButTheLog(url, prefix)
  return [verified, await walk('rebuild', url, prefix)]
}

async function deleteAllButTheLog(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url)
  for await (const keys of redis.scanStream({ match: `{${prefix}:*`, count: 10_000 }) as AsyncIterable<string[]>) {
    const made = keys.filter((key) => !key.endsWith('}:events'))
    if (made.length > 0) await redis.unlink(made)
  }
  await redis.quit()
}
