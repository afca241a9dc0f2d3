import { findRedis } from './find-redis.ts'
import { startRedis } from './redis-server.ts'

/** The one piece of state here: a server a process, since starting one for every test would take most of the run. */
let shared: Promise<{ url: string }> | undefined

/**
 * A Redis for tests that leave it as it is: every test uses a random prefix and never flushes. Tests that stop, kill or
 * configure a server take startRedis().
 */
export function sharedRedis(): Promise<{ url: string }> {
  shared ??= open()
  return shared
}

async function open(): Promise<{ url: string }> {
  const found = findRedis()
  return found.kind === 'url' ? { url: found.url } : { url: (await startRedis()).url }
}
