import type { Redis } from 'ioredis'
import type { Caller } from './caller.ts'

/** Keys, or members, that one SCAN looks at. */
const KEYS_A_CALL = 500

/** A key of a partition, as what it is. */
export type StoreKey =
  /** There is one of it. */
  | { kind: 'fixed' }
  | { kind: 'job'; jobId: string }
  | { kind: 'index'; index: 'user' | 'status' | 'expiry'; userId: string; status: string }
  /** It goes by itself after some time. */
  | { kind: 'passing' }
  | { kind: 'foreign' }

/** Reads what keysOf() writes. @param rest what stands behind the partition's base */
export function parseKey(rest: string): StoreKey {
  if (rest === 'meta' || rest === 'events' || rest === 'counts') return { kind: 'fixed' }
  if (rest === 'expiry') return { kind: 'index', index: 'expiry', userId: '', status: '' }
  const [, kind = '', text = ''] = /^([a-z-]+):(.*)$/s.exec(rest) ?? []
  switch (kind) {
    case 'job':
      return { kind: 'job', jobId: text }
    case 'user':
      return { kind: 'index', index: 'user', userId: text, status: '' }
    case 'user-status':
      return parseUserStatus(text)
    case 'writer':
    case 'command':
      return { kind: 'passing' }
    default:
      return { kind: 'foreign' }
  }
}

function parseUserStatus(text: string): StoreKey {
  const length = /^(\d{1,4}):/.exec(text)
  const bytes = Buffer.from(text.slice(length?.[0].length ?? 0))
  const end = Number(length?.[1] ?? -1)
  if (end < 0 || bytes[end] !== 0x3a) return { kind: 'foreign' }
  return {
    kind: 'index',
    index: 'status',
    userId: bytes.toString('utf8', end + 1),
    status: bytes.toString('utf8', 0, end),
  }
}

/** Goes through keys by SCAN, which no script may. */
export class KeyScanner {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** All keys that begin with a text, without the client's keyPrefix, page by page; a key may come twice. */
  async *keys(start: string): AsyncGenerator<string[]> {
    const prefix = this.#caller.client.redis.options.keyPrefix ?? ''
    const match = `${(prefix + start).replaceAll(/[*?[\]\\]/g, String.raw`\$&`)}*`
    for (const node of this.#nodes()) {
      let cursor = '0'
      do {
        const from = cursor
        const [next, keys] = await this.#caller.call(() => node.scan(from, 'MATCH', match, 'COUNT', KEYS_A_CALL))
        cursor = next
        if (keys.length > 0) yield keys.map((key) => key.slice(prefix.length))
      } while (cursor !== '0')
    }
  }

  /** Some members of a sorted set, and the cursor of the next ones, '0' if these were the last; one may come twice. */
  async members(key: string, cursor: string): Promise<{ members: string[]; next: string }> {
    const [next, found] = await this.#caller.call((redis) => redis.zscan(key, cursor, 'COUNT', KEYS_A_CALL))
    return { members: found.filter((_, index) => index % 2 === 0), next }
  }

  /** Whether a key is a sorted set, or gone. */
  async isSortedSet(key: string): Promise<boolean> {
    return ['zset', 'none'].includes(await this.#caller.call((redis) => redis.type(key)))
  }

  /** Whether a key has no time to live. */
  async staysForEver(key: string): Promise<boolean> {
    return (await this.#caller.call((redis) => redis.pttl(key))) === -1
  }

  /** @returns 1, or 0 if it was gone */
  remove(key: string): Promise<number> {
    return this.#caller.call((redis) => redis.unlink(key))
  }

  /** Where a partition's keys may be: on a Cluster SCAN sees only one node's. */
  #nodes(): Redis[] {
    const { redis } = this.#caller.client
    return 'nodes' in redis ? redis.nodes('master') : [redis]
  }
}
