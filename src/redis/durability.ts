import type { Cluster, Redis } from 'ioredis'
import { NotDurableError } from '../core/errors.ts'
import type { Caller } from './caller.ts'

/** Success only when replicas have the write. */
export interface DurabilityOptions {
  /** How many. */
  replicas: number
  /** How long to wait for them, beyond retryForMs. */
  timeoutMs: number
}

/** A batch's reply, and why it is not to be believed in yet. */
export interface Replicated {
  reply: unknown[]
  failure: NotDurableError | null
}

/** Tags of the replies that a batch was applied with, now or before. */
const WRITTEN = ['DONE', 'AGAIN']

/** Waits for replicas behind each write, on the connection that wrote: on another one WAIT knows nothing of it. */
export class Durability {
  readonly #options: DurabilityOptions
  readonly #caller: Caller

  constructor(options: DurabilityOptions, caller: Caller) {
    this.#options = options
    this.#caller = caller
  }

  /**
   * WAIT leaves when the write was answered: a script that the server does not know is sent once more by ioredis, behind all
   * that was sent meanwhile.
   * @param write sends a batch that may be sent again; a repeated one writes too, so that WAIT covers the first
   * @param deadline of the write
   * @returns with a failure if too few replicas have it in time; it may still stand
   * @throws StoreUnavailableError
   */
  whenReplicated(write: (redis: Redis | Cluster) => Promise<unknown[]>, deadline: number): Promise<Replicated> {
    const { replicas, timeoutMs } = this.#options
    return this.#caller.call(async (redis) => {
      const socket = socketOf(redis)
      const [before, reply] = await Promise.all([connectionId(redis), write(redis)])
      if (!WRITTEN.includes(String(reply[0]))) return { reply, failure: null }
      const [acknowledged, after] = await Promise.all([waitFor(redis, replicas, timeoutMs), connectionId(redis)])
      // A server that was started anew counts its connections from 1 again: the socket tells these apart.
      const isSame = before !== null && before === after && socket === socketOf(redis)
      if (!isSame || acknowledged === null) throw new Error('it could not be asked, behind the write, for its replicas')
      const failure = acknowledged < replicas ? NotDurableError.of(acknowledged, replicas, timeoutMs) : null
      return { reply, failure }
    }, deadline + timeoutMs)
  }
}

/** How many have what this connection wrote; null if that can't be said. Whatever is wrong, the write may stand. */
function waitFor(redis: Redis | Cluster, replicas: number, timeoutMs: number): Promise<number | null> {
  return redis.wait(replicas, timeoutMs).catch(() => null)
}

/** Which connection this is, to the server; null if that can't be said. */
function connectionId(redis: Redis | Cluster): Promise<number | null> {
  return redis.client('ID').catch(() => null)
}

/** Which connection this is, here. */
function socketOf(redis: Redis | Cluster): unknown {
  return (redis as { stream?: unknown }).stream
}
