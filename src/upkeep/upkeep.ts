import type { Backend } from '../backend.ts'
import type { CompactReport, EventArchive, RebuildReport, ReplayOptions, VerifyReport } from '../contract.ts'
import type { JobCore } from '../core/job.ts'
import type { Retention, Settings } from '../options.ts'
import { compact } from '../projector/compact.ts'
import type { Reading } from '../projector/fold.ts'
import { rebuild, type RebuildOptions } from '../projector/rebuild.ts'
import { verify } from '../projector/verify.ts'
import { isReadable } from '../reading/archive.ts'
import type { EventReader } from '../reading/event-reader.ts'
import { LEASE_MS, withLease } from './lease.ts'
import { Recurring } from './recurring.ts'
import { sweep, sweepInTurn } from './sweeper.ts'

/** What compact() is to do, checked. */
interface Compacting extends ReplayOptions {
  beforeMs: number
  archive: EventArchive<JobCore> | null
}

/**
 * What keeps a store sound and small: the walks over the whole log, and the chores that come by themselves. A walk ends
 * when the store is closed, wherever it is.
 */
export class Upkeep {
  readonly #backend: Backend
  readonly #events: EventReader
  readonly #closed: AbortSignal
  readonly #chores: Recurring[] = []
  /** What was said when the log was last not compacted; '' if it was. */
  #failure = ''
  /** Settles when the last walk that changes things has ended. */
  #last: Promise<unknown> = Promise.resolve()

  /** @param closed aborted when the store is closed */
  constructor(backend: Backend, events: EventReader, closed: AbortSignal) {
    this.#backend = backend
    this.#events = events
    this.#closed = closed
  }

  verify(options: ReplayOptions): Promise<VerifyReport> {
    return verify(this.#backend, this.#reading, this.untilClosed(options))
  }

  /** One store at a time, and none that compacts; needs no live state. */
  rebuild(given: RebuildOptions): Promise<RebuildReport> {
    const options = this.untilClosed(given)
    return this.#alone(options.signal, (signal) => rebuild(this.#backend, this.#reading, { ...options, signal }))
  }

  /** A rebuild that may have been done by another store, while this one waited for its turn. */
  async rebuildIf(isNeeded: () => Promise<boolean>): Promise<void> {
    await this.#alone(this.#closed, async (signal) => {
      if (await isNeeded()) await rebuild(this.#backend, this.#reading, { signal })
    })
  }

  /** One store at a time. An archive that can be read is read from now on. */
  async compact(compacting: Compacting): Promise<CompactReport> {
    const { archive, signal } = compacting
    if (this.#events.archive === null && isReadable(archive)) this.#events.archive = archive
    signal?.throwIfAborted()
    await this.#sweepBefore()
    return this.#inTurn(() => this.#compactAlone(compacting))
  }

  /** Sweeps and compacts from now on, as the store was told. */
  begin({ sweepIntervalMs, retention }: Settings): void {
    if (sweepIntervalMs > 0)
      this.#chores.push(new Recurring(sweepIntervalMs, () => sweepInTurn(this.#backend, sweepIntervalMs * 3)))
    if (retention !== null) this.#chores.push(new Recurring(retention.intervalMs, () => this.#compactInTurn(retention)))
  }

  /** Ends the chores, and waits for one that is at work. */
  async close(): Promise<void> {
    await Promise.all(this.#chores.map((chore) => chore.close()))
  }

  get #reading(): Reading {
    const { decode, upcasts } = this.#events
    return { decode, upcasts, outlines: upcasts ? null : this.#backend.outlines }
  }

  /** Unlike an unswept job, a log that is not compacted is noticed by nobody until memory is full: so it is said, once. */
  async #compactInTurn({ keepMs, archive }: Retention): Promise<void> {
    try {
      await this.#sweepBefore()
      await this.#inTurn(async () => {
        // Unless another store is at it.
        if (await this.#backend.lease('compact', LEASE_MS))
          await this.#compactAlone({ beforeMs: Date.now() - keepMs, archive })
      })
      this.#failure = ''
    } catch (error) {
      const failure = `The log was not compacted: ${String(error)}`
      if (!this.#closed.aborted && failure !== this.#failure) process.emitWarning(failure, 'JobStoreWarning')
      this.#failure = failure
    }
  }

  /** Before any turn or lease is had: a call that finds the log torn waits for a rebuild, and that for these. */
  async #sweepBefore(): Promise<void> {
    await sweep(this.#backend, Number.POSITIVE_INFINITY)
  }

  #compactAlone({ beforeMs, archive, ...given }: Compacting): Promise<CompactReport> {
    const options = this.untilClosed(given)
    const { decode, decodeWhole } = this.#events
    return withLease(this.#backend, 'compact', options.signal, (signal) =>
      compact(this.#backend, decode, { ...options, signal, beforeMs, archive, decodeWhole }),
    )
  }

  /** One after the other within this store too: a lease is the whole store's. */
  async #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const before = this.#last
    const turn = before.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }

  #alone<R>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<R>): Promise<R> {
    return this.#inTurn(() =>
      withLease(this.#backend, 'rebuild', signal, (held) => withLease(this.#backend, 'compact', held, work)),
    )
  }

  /** The same options, whose signal close() aborts too. */
  untilClosed<O extends ReplayOptions>(options: O): O & { signal: AbortSignal } {
    const signals = options.signal === undefined ? [this.#closed] : [this.#closed, options.signal]
    return { ...options, signal: AbortSignal.any(signals) }
  }
}
