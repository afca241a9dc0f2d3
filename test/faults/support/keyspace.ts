import type { Redis } from 'ioredis'

/** All keys of a server, each with what DUMP gives of it. */
export type Keyspace = Map<string, Buffer>

/** How long a key lives that goes by itself, in a keyspace that was put back. */
const PASSING_MS = 3_600_000

/**
 * @param isWanted says which keys count; all by default
 */
export async function dumpAll(redis: Redis, isWanted: (key: string) => boolean = () => true): Promise<Keyspace> {
  const keys = (await redis.keys('*')).filter(isWanted).toSorted()
  const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)))
  return new Map(keys.map((key, index) => [key, dumps[index] ?? Buffer.alloc(0)]))
}

/** Makes a server hold these keys, and no others. */
export async function restoreAll(redis: Redis, keyspace: Keyspace): Promise<void> {
  const commands = redis.multi().flushall()
  for (const [key, dump] of keyspace) commands.restore(key, /:(?:command|writer):/.test(key) ? PASSING_MS : 0, dump)
  await commands.exec()
}

/** Names of the keys in which two keyspaces differ. */
export function changedKeys(before: Keyspace, after: Keyspace): string[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].filter((key) => before.get(key)?.equals(after.get(key) ?? Buffer.alloc(0)) !== true)
}

/** Whether a key is what a writer's batches came to, which is kept of refused ones too. */
export function isWriterKey(key: string): boolean {
  return key.includes('}:writer:')
}
