import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { RedisServer } from './redis-server.ts'
import { root } from './repository.ts'
import { tell } from './server-with-store.ts'

/** What docs/operations.md gives the store's user: the words behind its name, without its password and prefix. */
export function documentedRights(): string[] {
  const guide = readFileSync(join(root, 'docs/operations.md'), 'utf8')
  const [, rights = ''] = /^ACL SETUSER jobledger on >PASSWORD ~\{jobs:\* (-@all[^`]+)```/m.exec(guide) ?? []
  return rights.trim().split(/\s+/)
}

/**
 * Makes the user of docs/operations.md for one store, in place of what it was.
 * @param rights other words than the documented ones, and the keys
 * @returns the URL with which it logs in
 */
export async function makeUser(
  server: RedisServer,
  prefix: string,
  rights: readonly string[] = [`~{${prefix}:*`, ...documentedRights()],
): Promise<string> {
  await tell(server, (redis) => redis.acl('SETUSER', 'jobledger', 'reset', 'on', '>pass', ...rights))
  return `redis://jobledger:pass@127.0.0.1:${server.port}`
}
