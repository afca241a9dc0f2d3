import type { Redis } from 'ioredis'
import type { Position } from '../../core/cursor.ts'
import type { StoredEvent } from '../../stored-event.ts'
import { Caller } from '../caller.ts'
import type { Client } from '../client.ts'
import { readStreamEntry, type StreamEntry } from '../event-entries.ts'
import type { PartitionKeys } from '../keys.ts'
import { FORMAT, Link } from '../link.ts'
import { connectBeside } from './connect-beside.ts'

/** How long a server may take to answer: past it the connection is taken for dead, whatever the socket says. */
const PATIENCE_MS = 2000

/** Events of one partition that one reply brings at most. */
const PAGE = 256

/** One partition's log. */
export interface PartitionLog {
  index: number
  keys: PartitionKeys
}

/** XREAD's reply: for each stream that has news its name and entries. */
type StreamReply = [name: Buffer, entries: StreamEntry[]][] | null

/**
 * One connection that reads the logs of some partitions, in one hash slot if the server is part of a Cluster. Whatever
 * fails, it is to be closed then, and another one made.
 */
export class LogConnection {
  readonly #redis: Redis
  readonly #caller: Caller
  readonly #link: Link
  readonly #logs: readonly PartitionLog[]
  #watchdog: NodeJS.Timeout | undefined
  #watchedMs = 0
  #isClosed = false

  private constructor(client: Client, logs: readonly PartitionLog[]) {
    this.#redis = client.redis as Redis
    this.#caller = new Caller(client, PATIENCE_MS)
    this.#link = new Link(this.#caller)
    this.#logs = logs
  }

  /** @param beside the client whose server it is to be; that one is left alone */
  static async open(beside: Client, logs: readonly PartitionLog[], signal: AbortSignal): Promise<LogConnection> {
    const connecting = connectBeside(beside, logs[0]?.keys.meta ?? '')
    // A Cluster's client that is away keeps a call until it is back.
    const client = await unlessAborted(connecting, signal, ({ redis }) => redis.disconnect())
    const connection = new LogConnection(client, logs)
    const close = (): void => connection.close()
    signal.addEventListener('abort', close)
    client.redis.once('end', () => signal.removeEventListener('abort', close))
    try {
      signal.throwIfAborted()
      await connection.#link.open()
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** Whether the store is still the same, and each partition's log goes on from its position. */
  async holds(positions: readonly Position[], epoch: string): Promise<boolean> {
    const checks = this.#logs.map(async ({ keys }, at) => {
      const { sequence, key } = positions[at] as Position
      const [found, reply] = await Promise.all([
        this.#caller.call((redis) => redis.hget(keys.meta, 'epoch')),
        this.#link.run('scan', keys.meta, [FORMAT, sequence, key, 1]),
      ])
      return found === epoch && String(reply[0]) === 'DONE'
    })
    return !(await Promise.all(checks)).includes(false)
  }

  /**
   * Waits for events after the positions.
   * @param blockMs for so long
   * @returns for each log what has come, by its order; null if nothing has
   */
  async read(positions: readonly Position[], blockMs: number): Promise<StoredEvent[][] | null> {
    const names = this.#logs.map(({ keys }) => keys.events)
    const ids = positions.map(({ key }) => key)
    this.#watch(blockMs)
    const reply: StreamReply = await this.#redis.xreadBuffer(
      'COUNT',
      PAGE,
      'BLOCK',
      blockMs,
      'STREAMS',
      ...names,
      ...ids,
    )
    if (reply === null) return null
    const news = this.#logs.map((): StoredEvent[] => [])
    for (const [name, entries] of reply) {
      // The client's keyPrefix stands before the name in the reply.
      const at = names.length === 1 ? 0 : indexOf(names, name.toString())
      const { index } = this.#logs[at] as PartitionLog
      news[at] = entries.map(([id, fields]) => readStreamEntry(id, fields, index))
    }
    return news
  }

  /** One clock for all reads: they follow each other for as long as the connection is there. */
  #watch(blockMs: number): void {
    if (this.#isClosed) return
    const ms = blockMs + PATIENCE_MS
    if (ms <= this.#watchedMs) return void this.#watchdog?.refresh()
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(() => this.close(), ms)
    this.#watchedMs = ms
  }

  /** Idempotent: what is under way fails. */
  close(): void {
    clearTimeout(this.#watchdog)
    // Told twice, ioredis waits 2 s for the end of a socket that has ended, and holds the process up.
    if (this.#isClosed) return
    this.#isClosed = true
    void this.#caller.close()
  }
}

/**
 * Waits for work that can't be told to end, until the signal aborts.
 * @param discard is given what comes after that
 * @throws the signal's reason
 */
function unlessAborted<R>(work: Promise<R>, signal: AbortSignal, discard: (result: R) => void): Promise<R> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    const settle = (result: R): void => {
      signal.removeEventListener('abort', abort)
      if (signal.aborted) discard(result)
      resolve(result)
    }
    work.then(settle, (error: unknown) => {
      signal.removeEventListener('abort', abort)
      reject(error)
    })
  })
}

function indexOf(names: readonly string[], text: string): number {
  return names.findIndex((own) => text.endsWith(own))
}
