import { Redis } from 'ioredis'

import { aRecord, idOf, JOBS, progressOf } from '../record.ts'
import type { Contender, Task, Verb } from './contender.ts'

/** The least that keeps what a verb is given: one SET by ioredis, of the progress or of the whole job as JSON. */
export class PlainSet implements Contender {
  readonly name = 'ioredis SET'
  readonly isOnServer = true
  readonly #redis: Redis

  constructor(url: string, db: number) {
    this.#redis = new Redis(url, { db })
  }

  async fill(): Promise<void> {}

  async begin(verb: Verb): Promise<Task | null> {
    if (verb === 'create') return { run: (turn) => this.#redis.set(idOf(turn), JSON.stringify(aRecord(turn))) }
    if (verb !== 'updateProgress') return null
    return { run: (turn) => this.#redis.set(idOf(turn % JOBS), JSON.stringify(progressOf(turn))) }
  }

  async close(): Promise<void> {
    await this.#redis.quit()
  }
}

/** What a lone call of a store whose verbs are scripts can't be quicker than: a script that does nothing, by ioredis. */
export class PlainScript implements Contender {
  readonly name = 'ioredis EVALSHA'
  readonly isOnServer = true
  readonly #redis: Redis
  #sha = ''

  constructor(url: string, db: number) {
    this.#redis = new Redis(url, { db })
  }

  async fill(): Promise<void> {
    this.#sha = String(await this.#redis.script('LOAD', 'return ARGV[1]'))
  }

  async begin(verb: Verb, inFlight: number): Promise<Task | null> {
    if (inFlight > 1 || (verb !== 'updateProgress' && verb !== 'findById')) return null
    return { run: (turn) => this.#redis.evalsha(this.#sha, 1, idOf(turn % JOBS), JSON.stringify(progressOf(turn))) }
  }

  async close(): Promise<void> {
    await this.#redis.quit()
  }
}
