import type { Cluster, Redis } from 'ioredis'
import { NotDurableError, StoreUnavailableError } from '../core/errors.ts'
import type { Caller } from './caller.ts'

/** Success only when replicas have the write. */
export interface DurabilityOptions {
  /** How many. */
  replicas: number
  /** How long to wait for them. */
  timeoutMs: number
}

/** Waits for replicas behind each write, on the connection that wrote: on another one WAIT knows nothing of it. */
export class Durability {
  readonly #options: DurabilityOptions
  readonly #caller: Caller

  constructor(options: DurabilityOptions, caller: Caller) {
    this.#options = options
    this.#caller = caller
  }

  /**
   * @param write sends a batch that may be sent again; a repeated one writes too, so that WAIT covers the first
   * @throws NotDurableError if too few replicas have it in time; it may still stand
   */
  async whenReplicated(write: () => Promise<unknown[]>): Promise<unknown[]> {
    const { replicas, timeoutMs } = this.#options
    const deadline = this.#caller.deadline() + timeoutMs
    while (performance.now() < deadline) {
      const { redis } = this.#caller.client
      const [before, reply, acknowledged, after] = await Promise.all([
        connectionId(redis),
        write(),
        redis.wait(replicas, timeoutMs).catch(() => -1),
        connectionId(redis),
      ])
      if (before === null || before !== after || acknowledged < 0) continue
      if (acknowledged < replicas) throw new NotDurableError(acknowledged, replicas, timeoutMs)
      return reply
    }
    throw new StoreUnavailableError('The connection was lost between each write and its replicas’ answer.', 'unknown')
  }
}

/** Which connection this is, to the server; null if it was lost. */
async function connectionId(redis: Redis | Cluster): Promise<number | null> {
  return redis.client('ID').catch(() => null)
}
