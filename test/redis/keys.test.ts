import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { Redis } from 'ioredis'
import { suite } from 'uvu'

import { keysOf } from '../../src/redis/keys.ts'
import { root } from '../support/repository.ts'
import { sharedRedis } from '../support/shared-redis.ts'

const test = suite('The names of keys')

/** lua/lib/keys.lua by itself, giving back every name that it makes. */
const NAMES = `${readFileSync(join(root, 'lua/lib/keys.lua'), 'utf8')}
return { keyMeta, keyEvents, keyCounts, keyExpiry, keyOfJob(ARGV[1]), keyOfUser(ARGV[2]),
  keyOfUserStatus(ARGV[2], ARGV[3]), keyOfWriter(ARGV[1]), keyOfCommand(ARGV[1], ARGV[3]) }`

const anyText = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.constantFrom('a:b', '{x}', 'user:x:queued', '\r\n', '\0', '*?[a]', '__proto__', 'é', 'é', '🙂', 'return 1'),
)

test('are the same in Lua and in TypeScript, whatever the texts', async () => {
  const redis = new Redis((await sharedRedis()).url)
  try {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, anyText, async (id, userId, status) => {
        const keys = keysOf('p', 3)
        const made = (await redis.eval(NAMES, 1, keys.meta, id, userId, status)) as string[]
        assert.deepEqual(made, [
          keys.meta,
          keys.events,
          keys.counts,
          keys.expiry,
          keys.job(id),
          keys.user(userId),
          keys.userStatus(userId, status),
          keys.writer(id),
          keys.command(id, status),
        ])
      }),
      { numRuns: 500 },
    )
  } finally {
    redis.disconnect()
  }
})

test('are never shared by two places, and are all in one hash slot', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, anyText, (a, b, c, d) => {
      const keys = keysOf('p', 0)
      const names = [keys.meta, keys.events, keys.counts, keys.expiry, keys.job(a), keys.user(a), keys.writer(a)]
      assert.equal(new Set(names).size, names.length)
      if (a !== c || b !== d) {
        assert.notEqual(keys.userStatus(a, b), keys.userStatus(c, d))
        assert.notEqual(keys.command(a, b), keys.command(c, d))
      }
      for (const name of names) assert.ok(name.startsWith('{p:0}:'))
    }),
    { numRuns: 2000 },
  )
})

test.run()
