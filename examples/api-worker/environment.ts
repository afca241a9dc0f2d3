import { RedisJobStore, type Job } from '../../src/index.ts'

/** What each process is told by its environment. */
export interface Environment {
  name: string
  store: RedisJobStore<Job>
  /** Aborts when the process is to end: by SIGTERM, Ctrl-C, or since the one that started it is gone. */
  ending: AbortSignal
}

export function readEnvironment({ NAME = 'nameless', REDIS_URL, PREFIX = 'jobs' } = process.env): Environment {
  const ending = new AbortController()
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(event, () => ending.abort())
  const store = new RedisJobStore<Job>(REDIS_URL, { prefix: PREFIX, transitions: 'guarded' })
  return { name: NAME, store, ending: ending.signal }
}
