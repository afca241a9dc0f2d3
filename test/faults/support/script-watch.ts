import type { Redis } from 'ioredis'

/** What scripts did since somebody began to watch. */
export interface ScriptCalls {
  calls: number
  /** Commands that a call gave, by the average of the server's own count. */
  commandsEach: number
  /** How long Redis was held by the longest one, in ms; 0 for less than 5. */
  longestMs: number
}

const SLOW_US = 5000

/** Watches all scripts of a server, by its statistics and its slow log: MONITOR would slow it down several times. */
export async function watchScripts(redis: Redis): Promise<{ end(): Promise<ScriptCalls> }> {
  await redis.config('SET', 'slowlog-log-slower-than', SLOW_US)
  await redis.slowlog('RESET')
  await redis.config('RESETSTAT')
  return {
    end: async () => {
      let [calls, commands] = [0, 0]
      for (const [, name = '', count] of (await redis.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+)/g))
        if (name.startsWith('eval')) calls += Number(count)
        else if (!NOT_OF_SCRIPTS.has(name)) commands += Number(count)
      const slow = (await redis.slowlog('GET', 100)) as [number, number, number, string[]][]
      const scripts = slow.filter(([, , , [command = '']]) => command.toLowerCase().startsWith('eval'))
      const longestMs = Math.max(0, ...scripts.map(([, , us]) => us)) / 1000
      return { calls, commandsEach: calls === 0 ? 0 : commands / calls, longestMs }
    },
  }
}

const NOT_OF_SCRIPTS = new Set(['config|resetstat', 'config|set', 'slowlog|reset', 'slowlog|get', 'info'])
