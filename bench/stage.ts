import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { JobStore } from '../src/index.ts'
import { onProcessEnd } from '../test/support/process-end.ts'
import { startRedis } from '../test/support/redis-server.ts'
import { loadBuilt, type Built } from './build.ts'
import { BullMq } from './contenders/bullmq.ts'
import type { Contender } from './contenders/contender.ts'
import { Jobledger } from './contenders/jobledger.ts'
import { PlainIoredis } from './contenders/plain-ioredis.ts'
import type { BackendName, BenchOptions, Fsync } from './options.ts'
import { ServerClock } from './server-clock.ts'

/** Databases of the one server, so that no contender's keys are in another's way. */
const PLAIN_DB = 1
const BULLMQ_DB = 2

/** Where a run takes place: a redis-server and a folder of its own, which are gone when it ends, however it ends. */
export class Stage implements AsyncDisposable {
  readonly clock: ServerClock
  readonly redisVersion: string
  readonly built: Built
  readonly #url: string
  readonly #folder: string
  readonly #end: () => Promise<void>

  private constructor(built: Built, url: string, clock: ServerClock, redisVersion: string, end: () => Promise<void>) {
    this.built = built
    this.#url = url
    this.clock = clock
    this.redisVersion = redisVersion
    this.#folder = mkdtempSync(join(tmpdir(), 'jobledger-bench-'))
    const removeFolder = (): void => rmSync(this.#folder, { recursive: true, force: true })
    const forget = onProcessEnd(removeFolder)
    this.#end = async () => {
      await clock.close()
      await end()
      forget()
      removeFolder()
    }
  }

  static async open(fsync: Fsync): Promise<Stage> {
    const built = await loadBuilt()
    const server = await startRedis(persistenceOf(fsync))
    const clock = new ServerClock(server.url)
    return new Stage(built, server.url, clock, await clock.version(), () => server[Symbol.asyncDispose]())
  }

  /** Opens a store; the same name gives the same jobs again, but on memory. */
  openStore(backend: BackendName, name: string): JobStore {
    switch (backend) {
      case 'memory':
        return this.built.exports.createJobStore({ type: 'memory' })
      case 'sqlite':
        return this.built.exports.createJobStore({ type: 'sqlite', path: join(this.#folder, `${name}.db`) })
      case 'redis':
        return this.built.exports.createJobStore({ type: 'redis', url: this.#url, prefix: name })
    }
  }

  get url(): string {
    return this.#url
  }

  /** All contenders, still empty. Peers stand beside our store on Redis only. */
  contenders({ backends, hasPeers }: BenchOptions): Contender[] {
    const name = `bench-${randomUUID()}`
    const ours = backends.map((backend) => new Jobledger(backend, () => this.openStore(backend, name)))
    if (!hasPeers || !backends.includes('redis')) return ours
    return [...ours, new PlainIoredis(this.#url, PLAIN_DB), new BullMq(this.#url, BULLMQ_DB)]
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end()
  }
}

function persistenceOf(fsync: Fsync): Parameters<typeof startRedis>[0] {
  if (fsync === 'no') return { args: ['--appendonly', 'yes', '--appendfsync', 'no'] }
  return { appendOnly: fsync }
}
