import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Redis } from 'ioredis'

import type { JobStore } from '../../src/index.ts'
import { drive, runAll } from '../measure.ts'
import { aRecord, idOf, JOBS, progressOf } from '../record.ts'
import type { Contender, Place, Task, Verb } from './contender.ts'
import { RecordingProxy } from './recording-proxy.ts'

/** Commands that are recorded, each on another job, so that what the store knows of a job holds when they are sent again. */
const RECORDED = 2 * JOBS
const RECORDED_IN_FLIGHT = 256

/** What a store sent for one verb, and the state in which it did. */
interface Recording {
  file: string
  prefix: string
  /** Database in which the recording is replayed. */
  db: number
  /** Database that keeps the state from before. */
  keptDb: number
}

/**
 * The very bytes that our store sends, sent by a client in C: `redis-cli --pipe`. (redis-benchmark repeats one call, and
 * a batch that comes twice is not applied twice.) What Node reaches is held against that.
 */
export class Replay implements Contender {
  readonly name = 'same calls by redis-cli'
  readonly isOnServer = true
  readonly #place: Place
  readonly #dbs: readonly number[]
  readonly #open: (url: string, prefix: string) => JobStore
  readonly #recordings = new Map<Verb, Recording>()

  /** @param dbs four databases of its own */
  constructor(place: Place, dbs: readonly number[], open: (url: string, prefix: string) => JobStore) {
    this.#place = place
    this.#dbs = dbs
    this.#open = open
  }

  /** Whether there is a redis-cli to do it. */
  static isPossible(): boolean {
    try {
      execFileSync('redis-cli', ['--version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }

  async fill(): Promise<void> {
    const [first = 0, second = 0, third = 0, fourth = 0] = this.#dbs
    await this.#record('updateProgress', first, second, async (store) => {
      await runAll(RECORDED, (turn) => store.create(aRecord(turn)))
      return (turn) => store.updateProgress(idOf(turn), progressOf(turn))
    })
    await this.#record('create', third, fourth, async (store) => (turn) => store.create(aRecord(turn)))
  }

  async begin(verb: Verb, inFlight: number): Promise<Task | null> {
    const recording = this.#recordings.get(verb)
    if (recording === undefined || inFlight < RECORDED_IN_FLIGHT) return null
    await copyDatabase(this.#place.url, recording.keptDb, recording.db)
    const before = await this.#sequenceOf(recording)
    let replayed: Promise<void> | null = null
    return {
      callsATurn: RECORDED,
      maxTurns: 1,
      maxInFlight: 1,
      // The first time only: sent again, a batch is answered with what came of it.
      run: () => (replayed ??= this.#replay(recording)),
      end: async () => {
        const applied = (await this.#sequenceOf(recording)) - before
        if (applied !== RECORDED) throw new Error(`${this.name}: ${applied} of ${RECORDED} commands were applied.`)
      },
    }
  }

  async close(): Promise<void> {}

  async #record(
    verb: Verb,
    db: number,
    keptDb: number,
    prepare: (store: JobStore) => Promise<(turn: number) => Promise<unknown>>,
  ): Promise<void> {
    const prefix = `replay-${verb}`
    await using proxy = await RecordingProxy.to(Number(new URL(this.#place.url).port))
    const store = this.#open(`redis://127.0.0.1:${proxy.port}/${db}`, prefix)
    await store.ready()
    const run = await prepare(store)
    await copyDatabase(this.#place.url, db, keptDb)
    const limits = { inFlight: RECORDED_IN_FLIGHT, durationMs: Infinity, maxTurns: RECORDED }
    const bytes = await proxy.record(async () => void (await drive({ run }, limits)))
    await store.close()
    const file = join(this.#place.folder, prefix)
    writeFileSync(file, bytes)
    this.#recordings.set(verb, { file, prefix, db, keptDb })
  }

  async #replay({ file, db }: Recording): Promise<void> {
    const { hostname, port } = new URL(this.#place.url)
    const input = openSync(file, 'r')
    const child = spawn('redis-cli', ['-h', hostname, '-p', port, '-n', String(db), '--pipe'], {
      stdio: [input, 'ignore', 'inherit'],
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    closeSync(input)
    if (code !== 0) throw new Error(`${this.name}: redis-cli ended with ${code}.`)
  }

  async #sequenceOf({ prefix, db }: Recording): Promise<number> {
    await using redis = connect(this.#place.url, db)
    return Number(await redis.client.hget(`{${prefix}:0}:meta`, 'sequence'))
  }
}

/** All keys of one database in place of those of another. */
async function copyDatabase(url: string, from: number, to: number): Promise<void> {
  await using source = connect(url, from)
  await using target = connect(url, to)
  await target.client.flushdb()
  for await (const keys of source.client.scanStream({ count: 5_000 }) as AsyncIterable<string[]>)
    await Promise.all(keys.map((key) => source.client.copy(key, key, 'DB', to)))
}

function connect(url: string, db: number): AsyncDisposable & { client: Redis } {
  const client = new Redis(url, { db })
  return { client, [Symbol.asyncDispose]: async () => void (await client.quit()) }
}
