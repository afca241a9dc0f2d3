import type { Cluster, Redis } from 'ioredis'
import { JobStoreError, StoreUnavailableError } from '../core/errors.ts'
import type { Client } from './client.ts'
import { classify, strip } from './failures.ts'

/** A timer takes no more. */
const MOST_MS = 2_147_483_647

/** Between two tries of a call that was refused for now. */
const RETRY_DELAY_MS = 50

/**
 * Calls Redis, again and again over lost connections and failovers, until an answer or a deadline: a state machine that
 * waits for the connection, sends, and either has the reply, or waits and sends again, or gives up. What may have been
 * applied is sent again too: callers must make that safe (reads are; batches are numbered).
 */
export class Caller {
  readonly client: Client
  readonly #retryForMs: number
  /** Cut off those who wait for the connection when the store closes. */
  readonly #waits = new Set<(error: Error) => void>()
  /** Cut off the tries that are under way: then too, and where the client forgets them when the connection is lost. */
  readonly #tries = new Set<(error: Error) => void>()
  readonly #onLost = (): void => {
    for (const cut of this.#tries) cut(new Error('the connection was lost'))
  }
  #isClosed = false
  #connecting: Promise<void> | null = null

  constructor(client: Client, retryForMs: number) {
    this.client = client
    this.#retryForMs = retryForMs
    if (forgetsCommands(client)) client.redis.on('close', this.#onLost)
  }

  /** The moment until which a call that begins now is tried. */
  deadline(): number {
    return performance.now() + this.#retryForMs
  }

  /**
   * @param send makes one try
   * @throws StoreUnavailableError when the deadline comes, or the server refuses for good; 'full' errors too, marked
   */
  async call<R>(send: (redis: Redis | Cluster) => Promise<R>, deadline: number = this.deadline()): Promise<R> {
    let lastError: Error | undefined
    let outcome: 'rejected' | 'unknown' = 'rejected'
    while (!this.#isClosed) {
      try {
        if (!isReady(this.client.redis)) await this.#within(this.#connect(), deadline, this.#waits)
      } catch (error) {
        throw this.#unavailable(outcome, lastError ?? this.client.failure ?? strip(error))
      }
      try {
        return await this.#within(send(this.client.redis), deadline, this.#tries)
      } catch (error) {
        const kind = error instanceof OutOfTime ? 'unknown' : classify(error)
        if (error instanceof JobStoreError) throw error
        if (!(error instanceof OutOfTime)) lastError = strip(error)
        // What may have been applied stays so, whatever is wrong now.
        if (outcome === 'unknown' && (kind === 'defect' || kind === 'full')) throw this.#unavailable(outcome, lastError)
        if (kind === 'defect')
          throw new JobStoreError('UNEXPECTED_REPLY', `Redis refused a call of the store: ${strip(error).message}`, {
            cause: lastError,
          })
        if (kind === 'full') throw new RedisFullError(this.client.address, lastError)
        if (kind === 'refused') throw this.#unavailable(outcome, lastError)
        if (kind === 'unknown') outcome = 'unknown'
        if (error instanceof OutOfTime || performance.now() + RETRY_DELAY_MS >= deadline) break
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS))
    }
    throw this.#unavailable(outcome, lastError)
  }

  /** Cuts off what is under way, and ends the connection if it is the store's own. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const cut of [...this.#waits, ...this.#tries]) cut(new OutOfTime())
    this.client.redis.off('close', this.#onLost)
    if (this.client.isOwn) this.client.redis.disconnect()
  }

  /**
   * Resolves when the client is connected, for all who wait. A client that was never told to connect is told now; and so is
   * one of the store's own that has ended: ioredis gives up for good when it hears of a failover while it connects.
   */
  #connect(): Promise<void> {
    this.#connecting ??= this.#untilReady().finally(() => {
      this.#connecting = null
    })
    return this.#connecting
  }

  #untilReady(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const { redis, isOwn } = this.client
      const settle = (): void => {
        if (redis.status === 'end' && isOwn && !this.#isClosed) {
          setTimeout(connect, RETRY_DELAY_MS)
          return
        }
        redis.off('ready', settle).off('end', settle)
        if (redis.status === 'end') reject(new Error('the Redis client was closed'))
        else resolve()
      }
      const connect = (): void => {
        if (this.#isClosed) settle()
        else redis.connect().catch(() => {})
      }
      redis.on('ready', settle).on('end', settle)
      if (redis.status === 'end') settle()
      if (redis.status === 'wait') connect()
    })
  }

  #within<R>(work: Promise<R>, deadline: number, cuts: Set<(error: Error) => void>): Promise<R> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        cuts.delete(cut)
      }
      const cut = (error: unknown): void => {
        settle()
        reject(error)
      }
      const leftMs = Math.max(0, Math.ceil(deadline - performance.now()))
      const timer = setTimeout(() => cut(new OutOfTime()), Math.min(leftMs, MOST_MS))
      cuts.add(cut)
      work.then((result) => {
        settle()
        resolve(result)
      }, cut)
    })
  }

  #unavailable(outcome: 'rejected' | 'unknown', cause: Error | undefined): StoreUnavailableError {
    const why = cause === undefined || cause instanceof OutOfTime ? '' : ` (${cause.message})`
    const what = outcome === 'unknown' ? 'the command may have been applied, or may still be' : 'nothing was applied'
    const message = `Redis at ${this.client.address} did not answer within ${this.#retryForMs} ms${why}; ${what}.`
    return new StoreUnavailableError(message, { outcome, cause })
  }
}

/** Whether it can be asked at once. A client that says nothing of its connection, as a stand-in may, always can. */
function isReady({ status }: { status?: string }): boolean {
  return status === 'ready' || status === undefined
}

/** Told not to resend, ioredis leaves what was under way when the connection was lost pending for ever. */
function forgetsCommands({ redis, isCluster }: Client): boolean {
  return !isCluster && (redis as Redis).options?.autoResendUnfulfilledCommands === false
}

/** Redis has no memory left. Deletes and sweeps have a way around it. */
export class RedisFullError extends StoreUnavailableError {
  constructor(address: string, cause: Error | undefined) {
    const message = `Redis at ${address} is full (maxmemory) and refused the command; nothing was applied. Give it memory, or delete jobs.`
    super(message, { outcome: 'rejected', cause })
  }
}

class OutOfTime extends Error {
  constructor() {
    super('out of time')
  }
}
