import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { JobStore } from '../src/index.ts'
import { onProcessEnd } from '../test/support/process-end.ts'
import { startRedis } from '../test/support/redis-server.ts'
import type { Built } from './build.ts'
import type { Place } from './contenders/contender.ts'
import type { BackendName, ContenderKind } from './contenders/kinds.ts'
import { openStore, type ContenderSpec } from './contenders/make-contender.ts'
import { RemoteContender } from './contenders/remote.ts'
import type { Fsync } from './options.ts'

/** Where one section takes place: a redis-server and a folder of its own, which are gone when it ends, however it ends. */
export class Stage implements AsyncDisposable {
  readonly built: Built
  readonly url: string
  readonly #folder: string
  readonly #end: () => Promise<void>

  private constructor(built: Built, url: string, end: () => Promise<void>) {
    this.built = built
    this.url = url
    this.#folder = mkdtempSync(join(tmpdir(), 'jobledger-bench-'))
    const removeFolder = (): void => rmSync(this.#folder, { recursive: true, force: true })
    const forget = onProcessEnd(removeFolder)
    this.#end = async () => {
      await end()
      forget()
      removeFolder()
    }
  }

  static async open(built: Built, fsync: Fsync): Promise<Stage> {
    const server = await startRedis(persistenceOf(fsync))
    return new Stage(built, server.url, () => server[Symbol.asyncDispose]())
  }

  /** Opens a store; the same name gives the same jobs again, but on memory. */
  openStore(backend: BackendName, name: string, partitions = 1): JobStore {
    return openStore(this.built.exports, backend, this.#place, name, partitions)
  }

  /** Starts contenders, still empty. */
  contenders(kinds: readonly ContenderKind[]): Promise<RemoteContender[]> {
    const name = `bench-${randomUUID()}`
    return Promise.all(kinds.map((kind) => this.start({ kind, name })))
  }

  /** Starts one contender, still empty unless its name is that of one that was filled. */
  start(spec: Omit<ContenderSpec, 'place' | 'main'>): Promise<RemoteContender> {
    return RemoteContender.start({ ...spec, place: this.#place, main: this.built.main })
  }

  get #place(): Place {
    return { url: this.url, folder: this.#folder }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end()
  }
}

function persistenceOf(fsync: Fsync): Parameters<typeof startRedis>[0] {
  if (fsync === 'no') return { args: ['--appendonly', 'yes', '--appendfsync', 'no'] }
  return { appendOnly: fsync }
}
