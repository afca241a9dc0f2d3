import type { Backend } from './backend.ts'
import { encodeValue } from './codec.ts'
import type { JobStore, ReplayOptions } from './contract.ts'
import {
  InvalidLogError,
  MigrationMismatchError,
  ProjectionLostError,
  quote,
  StoreMismatchError,
} from './core/errors.ts'
import type { JobEvent } from './core/event.ts'
import type { JobCore, JobFields } from './core/job.ts'
import { partitionOf } from './core/order.ts'
import { LogDigest } from './log-digest.ts'
import type { AdoptedEvent } from './maintenance.ts'
import type { EventReader } from './reading/event-reader.ts'
import { encodeMark, movedMark } from './reading/snapshots.ts'
import { EventSourcedStore } from './store.ts'

/** Events that one partition takes at once. */
const EVENTS_A_CALL = 256

/** How much of an import is the taking over of events; the rest is making the state. */
const TAKING_OVER = 0.5

/** The events of another log, and what is known of them. */
export interface Import<T extends JobCore> {
  events: AsyncIterable<JobEvent<T>>
  /** How many there will be, for the progress; null if nobody knows. */
  expected: number | null
}

/**
 * Takes another log's events over into an empty store, or goes on with one that was stopped; holds its log against what was
 * given; then makes the live state. From the first event on the store takes no commands until that is done: what writes of
 * its own would add can't be mistaken for a difference, and a store that differs never takes any.
 * @returns how many events there are
 * @throws StoreMismatchError if the store isn't empty, InvalidLogError if a time goes back, MigrationMismatchError if its log
 * comes out as another one, TypeError if it is none of this package's
 */
export async function importEvents<T extends JobCore>(
  to: JobStore<T>,
  { events, expected }: Import<T>,
  given: ReplayOptions,
): Promise<number> {
  const taking = EventSourcedStore.onBackend(to, async (backend, { events: reader, upkeep }) => {
    const options = upkeep.untilClosed(given)
    await requireEmpty(to, backend)
    const source = new LogDigest()
    await takeOver(backend, { events: digested(events, source), expected }, options)
    await requireSame(reader, source, options.signal)
    await upkeep.rebuild({
      ...options,
      endsAdoption: true,
      onProgress: (progress) =>
        given.onProgress?.({ ...progress, fraction: TAKING_OVER + progress.fraction * (1 - TAKING_OVER) }),
    })
    return source.events
  })
  if (taking === null) throw new TypeError('to: expected a store of this package.')
  const taken = await taking
  await to.ready()
  return taken
}

/** What is written here is nobody's but the import's. */
async function takeOver<T extends JobCore>(
  backend: Backend,
  { events, expected }: Import<T>,
  { signal, onProgress }: ReplayOptions,
): Promise<void> {
  const lanes = Array.from({ length: backend.partitions }, () => new Lane())
  let taken = 0
  onProgress?.({ events: taken, jobs: 0, fraction: 0 })
  for await (const event of events) {
    signal?.throwIfAborted()
    // All partitions at once: a command that one of them took in between could never be undone.
    if (taken === 0) for (const partition of lanes.keys()) await backend.adopt(partition, [])
    const partition = partitionOf(event.jobId, backend.partitions)
    const lane = lanes[partition] as Lane
    lane.push(event)
    taken++
    if (lane.events.length < EVENTS_A_CALL) continue
    await backend.adopt(partition, lane.events.splice(0))
    const fraction = expected === null ? 0 : Math.min(1, taken / Math.max(1, expected)) * TAKING_OVER
    onProgress?.({ events: taken, jobs: 0, fraction })
  }
  for (const [partition, { events: rest }] of lanes.entries()) if (rest.length > 0) await backend.adopt(partition, rest)
}

/** The events that one partition is to take next. */
class Lane {
  readonly events: AdoptedEvent[] = []
  #newestMs = -Infinity

  /** @throws InvalidLogError: the times of a log never go back, so that it would come out as another one */
  push<T extends JobCore>(event: JobEvent<T>): void {
    const at = event.at.getTime()
    if (at < this.#newestMs) {
      const expected = `expected ${new Date(this.#newestMs).toISOString()}, the time of an event before it, or later`
      const reason = `${expected}, got ${event.at.toISOString()} in version ${event.version} of job ${quote(event.jobId)}.`
      throw InvalidLogError.of(null, 'at', reason)
    }
    this.#newestMs = at
    this.events.push(adopted(event))
  }
}

/** Nothing but an import that was not finished may be there; bounds() finds what an open that failed has left. */
async function requireEmpty<T extends JobCore>(to: JobStore<T>, backend: Backend): Promise<void> {
  await to.ready().catch((error: unknown) => {
    if (!(error instanceof ProjectionLostError)) throw error
  })
  if (await backend.isAdopting()) return
  const { newest } = await backend.bounds()
  const numbered = newest.reduce((sum, { sequence }) => sum + sequence, 0)
  if (numbered > 0)
    throw new StoreMismatchError(
      `The store is not new: its log has had ${numbered} events. Take another log over into one that has had none. Nothing was written.`,
    )
}

async function* digested<T extends JobCore>(
  events: AsyncIterable<JobEvent<T>>,
  digest: LogDigest,
): AsyncGenerator<JobEvent<T>> {
  for await (const event of events) {
    digest.add(event)
    yield event
  }
}

/** @throws MigrationMismatchError if the log is not what was taken over */
async function requireSame(reader: EventReader, source: LogDigest, signal: AbortSignal): Promise<void> {
  const target = new LogDigest()
  for await (const event of reader.read({})) {
    signal.throwIfAborted()
    target.add(event)
  }
  const difference = source.differenceTo(target)
  if (difference !== null) throw MigrationMismatchError.of(difference)
}

function adopted<T extends JobCore>(event: JobEvent<T>): AdoptedEvent {
  const { type, jobId, userId, version, at, removed, meta } = event
  const { id: _, userId: __, ...fields } = event.data as JobFields
  const isWhole = type === 'created' || type === 'snapshotted'
  return {
    type,
    jobId,
    userId,
    version,
    at: at.getTime(),
    removed,
    meta: type === 'snapshotted' ? encodeMark(movedMark(meta)) : meta === null ? null : encodeValue(meta),
    data: encodeValue(isWhole ? fields : event.data),
  }
}
