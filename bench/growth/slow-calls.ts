import type { Redis } from 'ioredis'

/** Longer than this no call may hold the server. */
const SLOW_US = 5_000
const MOST = 1_000

/** A call that held the server for longer than it should. */
export interface SlowCall {
  command: string
  us: number
}

/** From here on the server writes slow calls down. */
export async function watchSlowCalls(redis: Redis): Promise<void> {
  await redis.config('SET', 'slowlog-log-slower-than', SLOW_US)
  await redis.config('SET', 'slowlog-max-len', MOST)
  await redis.slowlog('RESET')
}

export async function readSlowCalls(redis: Redis): Promise<SlowCall[]> {
  const entries = (await redis.slowlog('GET', MOST)) as [number, number, number, string[]][]
  return entries.map(([, , us, [command = '']]) => ({ command, us }))
}
