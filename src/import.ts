import type { Backend } from './backend.ts'
import { encodeValue } from './codec.ts'
import type { JobStore, ReplayOptions } from './contract.ts'
import { ProjectionLostError, StoreMismatchError } from './core/errors.ts'
import type { JobEvent } from './core/event.ts'
import type { JobCore, JobFields } from './core/job.ts'
import { partitionOf } from './core/order.ts'
import type { AdoptedEvent } from './maintenance.ts'
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
 * Takes another log's events over into an empty store, or goes on with one that was stopped, then makes the live state.
 * From the first event on the store takes no commands until that is done.
 * @throws StoreMismatchError if the store isn't empty, TypeError if it is none of this package's
 */
export async function importEvents<T extends JobCore>(
  to: JobStore<T>,
  given: Import<T>,
  options: ReplayOptions,
): Promise<void> {
  const taking = EventSourcedStore.onBackend(to, async (backend, closed) => {
    await requireEmpty(to)
    await takeOver(backend, given, { ...options, signal: AbortSignal.any([closed, ...signalsOf(options)]) })
  })
  if (taking === null) throw new TypeError('to: expected a store of this package.')
  await taking
  await to.rebuild({
    ...options,
    onProgress: (progress) =>
      options.onProgress?.({ ...progress, fraction: TAKING_OVER + progress.fraction * (1 - TAKING_OVER) }),
  })
}

async function takeOver<T extends JobCore>(
  backend: Backend,
  { events, expected }: Import<T>,
  { signal, onProgress }: ReplayOptions,
): Promise<void> {
  const lanes = Array.from({ length: backend.partitions }, (): AdoptedEvent[] => [])
  let taken = 0
  onProgress?.({ events: taken, jobs: 0, fraction: 0 })
  for await (const event of events) {
    signal?.throwIfAborted()
    // All partitions at once: a command that one of them took in between could never be undone.
    if (taken === 0) for (const partition of lanes.keys()) await backend.adopt(partition, [])
    const partition = partitionOf(event.jobId, backend.partitions)
    const lane = lanes[partition] as AdoptedEvent[]
    lane.push(adopted(event))
    taken++
    if (lane.length < EVENTS_A_CALL) continue
    await backend.adopt(partition, lane.splice(0))
    const fraction = expected === null ? 0 : Math.min(1, taken / Math.max(1, expected)) * TAKING_OVER
    onProgress?.({ events: taken, jobs: 0, fraction })
  }
  for (const [partition, lane] of lanes.entries()) if (lane.length > 0) await backend.adopt(partition, lane)
}

function signalsOf({ signal }: ReplayOptions): AbortSignal[] {
  return signal === undefined ? [] : [signal]
}

/** A store whose import was not finished is one whose state is lost. */
async function requireEmpty<T extends JobCore>(to: JobStore<T>): Promise<void> {
  try {
    const { events } = await to.stats()
    if (events > 0) throw StoreMismatchError.of('a log with this number of events:', 0, events)
  } catch (error) {
    if (!(error instanceof ProjectionLostError)) throw error
  }
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
