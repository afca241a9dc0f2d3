import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { JobStore } from '../src/index.ts'
import { onProcessEnd } from '../test/support/process-end.ts'
import { startRedis } from '../test/support/redis-server.ts'
import { loadBuilt, type Built } from './build.ts'
import { openStore, type ContenderSpec, type Place } from './contenders/make-contender.ts'
import { RemoteContender } from './contenders/remote.ts'
import type { BackendName, BenchOptions, Fsync } from './options.ts'
import { ServerClock } from './server-clock.ts'

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
    return openStore(this.built.exports, backend, this.#place, name)
  }

  get url(): string {
    return this.#url
  }

  /** Starts all contenders, still empty. Peers stand beside our store on Redis only. */
  contenders({ backends, hasPeers }: BenchOptions): Promise<RemoteContender[]> {
    const kinds: ContenderSpec['kind'][] = [...backends]
    if (hasPeers && backends.includes('redis')) kinds.push('plain ioredis', 'BullMQ')
    const common = { place: this.#place, name: `bench-${randomUUID()}`, main: this.built.main }
    return Promise.all(kinds.map((kind) => RemoteContender.start({ kind, ...common })))
  }

  get #place(): Place {
    return { url: this.#url, folder: this.#folder }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end()
  }
}

function persistenceOf(fsync: Fsync): Parameters<typeof startRedis>[0] {
  if (fsync === 'no') return { args: ['--appendonly', 'yes', '--appendfsync', 'no'] }
  return { appendOnly: fsync }
}
