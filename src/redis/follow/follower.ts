import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import type { Deliver } from '../../backend.ts'
import type { Position } from '../../core/cursor.ts'
import { JobStoreError, StoreUnavailableError } from '../../core/errors.ts'
import type { Client } from '../client.ts'
import { classify, strip } from '../failures.ts'
import { LogConnection, type PartitionLog } from './log-connection.ts'

/** Between two looks whether the log still goes on from where it was read to; a read waits no longer than that. */
const LOOK_MS = 400

/** Between two tries to connect, at most; the first ones come sooner. */
const MOST_BETWEEN_TRIES_MS = 500

/** What is followed, and what it must be. */
export interface Following {
  /** The caller's client. */
  client: Client
  logs: readonly PartitionLog[]
  epoch: string
  /** Told that the store is no longer the one of that epoch. */
  reopen: () => Promise<void>
}

/**
 * Follows the logs of some partitions on a connection of its own: connecting, looking, reading; after any failure
 * connecting again. Each connection begins with a look at the position on that very server, since a read after a position
 * that is not there says nothing, or skips what is gone; and looks again now and then.
 */
export class Follower {
  readonly #following: Following
  #positions: readonly Position[]
  #failures = 0

  /** @param after a position for each of the logs */
  constructor(following: Following, after: readonly Position[]) {
    this.#following = following
    this.#positions = after
  }

  /** @returns when the signal aborts, or a position is no longer there */
  async follow(deliver: Deliver, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#connect(deliver, signal)
        return
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal)
      }
    }
  }

  async #connect(deliver: Deliver, signal: AbortSignal): Promise<void> {
    const { client, logs, epoch, reopen } = this.#following
    const connection = await LogConnection.open(client, logs, signal)
    try {
      while (!signal.aborted) {
        if (!(await connection.holds(this.#positions, epoch))) return await reopen()
        this.#failures = 0
        await this.#readFor(connection, deliver, signal)
      }
    } finally {
      connection.close()
    }
  }

  /** Reads for a while. */
  async #readFor(connection: LogConnection, deliver: Deliver, signal: AbortSignal): Promise<void> {
    const end = performance.now() + LOOK_MS
    for (let left = LOOK_MS; left > 0; left = Math.ceil(end - performance.now())) {
      const news = await connection.read(this.#positions, left)
      if (signal.aborted) return
      if (news === null) continue
      this.#positions = this.#positions.map((position, at) => news[at]?.at(-1)?.position ?? position)
      for (const [at, events] of news.entries())
        if (events.length > 0) deliver(this.#following.logs[at]?.index ?? 0, events)
      // Readers come before the next call, which keeps the process busy for as long as sending takes.
      await nextTurn()
    }
  }

  /** Waits before the next try. @throws what no waiting mends */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const cause = error instanceof StoreUnavailableError ? (error.cause ?? error) : error
    if (error instanceof JobStoreError && !(error instanceof StoreUnavailableError)) throw error
    const kind = error === cause && error instanceof StoreUnavailableError ? 'unknown' : classify(cause)
    if (kind === 'refused' || kind === 'defect') throw refusal(error, this.#following.client.address)
    const ms = Math.min(10 * 2 ** this.#failures++, MOST_BETWEEN_TRIES_MS)
    await pause(ms, signal)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal })
  } catch {
    // Ended: so is the pause.
  }
}

function refusal(error: unknown, address: string): JobStoreError {
  if (error instanceof JobStoreError) return error
  const cause = strip(error)
  return new StoreUnavailableError(`Redis at ${address} refused to read the log: ${cause.message}`, {
    outcome: 'rejected',
    cause,
  })
}
