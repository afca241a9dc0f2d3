import { CursorGapError, LogRewoundError } from '../core/errors.ts'
import type { Cursor } from '../core/event.ts'
import { isEnd } from '../core/evolve.ts'
import type { JobCore } from '../core/job.ts'
import { notFound } from './problem.ts'
import { BUFFERED_EVENTS, type Service } from './service.ts'
import type { Message } from './sse.ts'
import { sees, type Viewer } from './viewer.ts'

/** A stream of one job, for one viewer. */
export interface JobStreamQuery {
  id: string
  viewer: Viewer
  signal: AbortSignal
}

/**
 * A job's state, then its events as they come, as long as it is the viewer's and until it ends.
 * @throws Problem (404)
 */
export async function jobFromNow<T extends JobCore>(
  service: Service<T>,
  query: JobStreamQuery,
): Promise<AsyncIterator<Message>> {
  const messages = changesOf(service, query)
  const started = await startOf(messages)
  if (started !== null) return started
  // A store that is closed ends it, too, and is no reason to say that there is no such job.
  await service.store.ready()
  throw notFound()
}

/**
 * The events that the viewer has missed of a job, and then those that come. Where the log can't say any more what was
 * missed, the job's state stands for it.
 * @returns null if the job is not the viewer's any more, or has ended, and nothing of what was theirs was missed
 * @throws Problem (404), InvalidCursorError
 */
export async function jobAfter<T extends JobCore>(
  service: Service<T>,
  query: JobStreamQuery,
  after: Cursor,
): Promise<AsyncIterator<Message> | null> {
  const holding = await holdingOf(service, query)
  if (holding === 'never') throw notFound()
  if (isOpen(holding) && (await isReadable(service, query.id, after))) return comingAfter(service, query, after)
  return holding === 'present' ? jobFromNow(service, query) : startOf(missedAfter(service, query, after))
}

async function* changesOf<T extends JobCore>(
  { store, show }: Service<T>,
  { id, viewer, signal }: JobStreamQuery,
): AsyncGenerator<Message> {
  // A store of this package bounds what it holds for a watch; for another one it is an option more.
  const options = { signal, bufferSize: BUFFERED_EVENTS }
  for await (const { job, event } of store.watch(id, options)) {
    if (job !== null && event === null && sees(viewer, job.userId)) yield { event: 'state', data: show.job(job) }
    else if (event !== null && sees(viewer, event.userId)) yield { id: event.cursor, data: show.event(event, viewer) }
    else return
  }
}

/** What is another's in between is passed over, as long as the job is the viewer's again since. */
async function* comingAfter<T extends JobCore>(
  service: Service<T>,
  query: JobStreamQuery,
  after: Cursor,
): AsyncGenerator<Message> {
  const { id, viewer, signal } = query
  const options = { jobId: id, after, signal, bufferSize: BUFFERED_EVENTS }
  for await (const event of service.store.subscribe(options)) {
    if (sees(viewer, event.userId)) {
      yield { id: event.cursor, data: service.show.event(event, viewer) }
      if (isEnd(event)) return
    } else if (!isOpen(await holdingOf(service, query))) return
  }
}

async function* missedAfter<T extends JobCore>(
  { store, show }: Service<T>,
  { id, viewer }: JobStreamQuery,
  after: Cursor,
): AsyncGenerator<Message> {
  for await (const event of store.events({ jobId: id, after }))
    if (sees(viewer, event.userId)) yield { id: event.cursor, data: show.event(event, viewer) }
}

/**
 * Whether a job of this id is the viewer's: it is; its time has come, and only its end is still to be written; it was, as
 * the last one or before another's; or it never was.
 */
type Holding = 'present' | 'due' | 'past' | 'never'

async function holdingOf<T extends JobCore>(
  { store }: Service<T>,
  { id, viewer }: Pick<JobStreamQuery, 'id' | 'viewer'>,
): Promise<Holding> {
  const job = await store.findById(id)
  if (job !== null && sees(viewer, job.userId)) return 'present'
  let holding: Holding = 'never'
  for await (const event of store.history(id))
    if (sees(viewer, event.userId)) holding = isEnd(event) ? 'past' : 'due'
    else if (holding === 'due') holding = 'past'
  return holding
}

/** Whether more of the viewer's own is to come. */
function isOpen(holding: Holding): boolean {
  return holding === 'present' || holding === 'due'
}

/** Whether the log holds all of the job's events after a position. @throws InvalidCursorError */
async function isReadable<T extends JobCore>({ store }: Service<T>, jobId: string, after: Cursor): Promise<boolean> {
  try {
    for await (const _ of store.events({ jobId, after })) return true
    return true
  } catch (error) {
    if (error instanceof CursorGapError || error instanceof LogRewoundError) return false
    throw error
  }
}

/** The messages, once the first is there; null if there is none. */
async function startOf(messages: AsyncGenerator<Message>): Promise<AsyncIterator<Message> | null> {
  let first: IteratorResult<Message> | null = await messages.next()
  if (first.done === true) return null
  return {
    next: () => {
      const next = first === null ? messages.next() : Promise.resolve(first)
      first = null
      return next
    },
    return: () => messages.return(undefined),
  }
}
