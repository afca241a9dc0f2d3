import { RedisJobStore } from '../../../src/redis/redis-job-store.ts'
import type { RedisStoreOptions } from '../../../src/redis/settings.ts'
import type { AnyJob, StoreFactory } from '../../contract/harness.ts'
import { LuaMachine } from './lua-machine.ts'
import { mendedRedisMock } from './mended-redis-mock.ts'

/** Places that are a mock with data of its own each, shared by the stores that are opened there. */
export function redisMockPlaces(options: RedisStoreOptions = {}): StoreFactory {
  const machine = new LuaMachine()
  let places = 0
  return {
    persists: true,
    many: 1000,
    newPlace: async () => {
      const redis = mendedRedisMock(++places, machine)
      return {
        open: (own) => new RedisJobStore<AnyJob>(redis, { onWarning: () => {}, ...options, ...own }),
        dispose: async () => {
          await redis.flushall()
          redis.disconnect()
        },
      }
    },
  }
}
