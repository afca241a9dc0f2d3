import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

import type { JobStore } from '../../../src/contract.ts'
import type { RedisStoreOptions } from '../../../src/redis/settings.ts'
import { aJob, textOf } from '../../contract/jobs.ts'
import type { AnyJob } from '../../contract/harness.ts'
import { eventually } from '../../support/eventually.ts'
import type { ScenarioContext } from '../harness/fault-test.ts'
import { Ledger, type LedgerEntry } from '../harness/ledger.ts'
import type { Place } from '../harness/place.ts'
import { FollowedLog, type Slice } from './followed-log.ts'

const WRITERS = 2
/** Of each writer: jobs that live one after the other. */
const LANES = 8
const STEPS = 6
const PACE_MS = 2
/** Well past a failover. */
const RETRY_FOR_MS = 30_000

/** What a fleet has come to. */
export interface FleetReport {
  entries: LedgerEntry[]
  slices: Slice[]
  /** Batches that onWritesLost told of. */
  losses: number
  violations: string[]
}

/** Two stores that write, and one with two readers, all at work until end(). */
export class Fleet implements AsyncDisposable {
  readonly #stores: JobStore<AnyJob>[] = []
  readonly #ledgers: Ledger[] = []
  readonly #readers: FollowedLog[] = []
  #writing: Promise<unknown> = Promise.resolve()
  #isEnding = false
  #losses = 0

  static async start(context: ScenarioContext, place: Place, options: RedisStoreOptions = {}): Promise<Fleet> {
    const { RedisJobStore } = await context.load()
    const { url, ...rest } = place
    const fleet = new Fleet()
    const onWritesLost = ({ batches }: { batches: number }): void => void (fleet.#losses += batches)
    const own = { ...rest, sweepIntervalMs: 0, retryForMs: RETRY_FOR_MS, onWritesLost, onWarning: () => {} }
    const watcher = new RedisJobStore<AnyJob>(url, own)
    const writers = Array.from({ length: WRITERS }, () => new RedisJobStore<AnyJob>(url, { ...own, ...options }))
    fleet.#stores.push(watcher, ...writers)
    await Promise.all(fleet.#stores.map((store) => store.ready()))
    fleet.#readers.push(new FollowedLog(watcher), new FollowedLog(watcher))
    fleet.#writing = Promise.all(writers.map((store, name) => fleet.#write(store, name)))
    return fleet
  }

  /** Commands that ended well so far. */
  get answered(): number {
    return this.#entries().filter(({ told }) => told === 'acknowledged').length
  }

  get sent(): number {
    return this.#entries().length
  }

  /** Waits until something was sent and not answered. */
  async underWay(): Promise<void> {
    while (!this.#entries().some(({ told }) => told === 'pending')) await delay(1)
  }

  /** Lets the writers end what they have begun, and the readers catch up. */
  async end(): Promise<FleetReport> {
    this.#isEnding = true
    await this.#writing
    const violations: string[] = []
    try {
      const events = (await this.#stores[0]?.stats())?.events ?? 0
      const places = (): number[] => this.#readers.map(({ place }) => place)
      await eventually(() => assert.deepEqual(places(), [events, events]), { timeoutMs: 20_000 })
    } catch (error) {
      violations.push(`P8: readers that hang, ${error instanceof Error ? error.message : String(error)}`)
    }
    await Promise.all(this.#readers.map((reader) => reader.end()))
    return {
      entries: this.#entries(),
      slices: this.#readers.flatMap((reader) => reader.slices),
      losses: this.#losses,
      violations,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true
    await Promise.all(this.#readers.map((reader) => reader.end()))
    await Promise.all(this.#stores.map((store) => store.close()))
  }

  #entries(): LedgerEntry[] {
    return this.#ledgers.flatMap(({ entries }) => entries)
  }

  async #write(store: JobStore<AnyJob>, name: number): Promise<void> {
    const ledger = new Ledger(`${name}`)
    this.#ledgers.push(ledger)
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      for (let round = 0; !this.#isEnding; round++) await live(store, ledger, `${name}-${lane}-${round}`)
    })
    const isHung = async (): Promise<void> => {
      while (!this.#isEnding) await delay(20)
      await delay(RETRY_FOR_MS + 5000, undefined, { ref: false })
    }
    await Promise.race([Promise.all(lanes), isHung()])
  }
}

/** One job's life; every other one is deleted at its end. */
async function live(store: JobStore<AnyJob>, ledger: Ledger, id: string): Promise<void> {
  const userId = `user-${id.length % 3}`
  await ledger.give(id, (options) => store.create(aJob({ id, userId, text: textOf(200) }), options))
  for (let step = 1; step <= STEPS; step++) {
    await delay(PACE_MS)
    await ledger.give(id, (options) => store.updateProgress(id, { percent: step }, options))
  }
  await ledger.give(id, (options) => store.updateStatus(id, 'completed', options))
  if (id.endsWith('1')) await ledger.give(id, (options) => store.delete(id, options))
}
