import type { Cursor } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'
import { placeOf } from '../feed/live-iterator.ts'
import { eventStream } from './event-stream.ts'
import { jobAfter, jobFromNow } from './job-stream.ts'
import { readCursor, readId, readTypes } from './parameters.ts'
import { unauthorized } from './problem.ts'
import { nothing, respond } from './respond.ts'
import { BUFFERED_EVENTS, type Call, type Service } from './service.ts'
import { positionMessage, SSE_HEADERS, type Message } from './sse.ts'
import { isSameViewer, requireSight, viewerOf } from './viewer.ts'

/** GET /jobs/:id/events */
export function streamJob<T extends JobCore>(service: Service<T>, call: Call<'/:id'>): Promise<Response> {
  const { req } = call
  const after = readCursor(req.header('Last-Event-ID'), req.query('after'))
  return stream(service, call, (signal) => {
    const query = { id: req.param('id'), viewer: call.var.viewer, signal }
    return after === undefined ? jobFromNow(service, query) : jobAfter(service, query, after)
  })
}

/** GET /events */
export function streamLog<T extends JobCore>(service: Service<T>, call: Call): Promise<Response> {
  const { store, show } = service
  const { req } = call
  const { viewer } = call.var
  const user = readId('user', req.query('user'))
  if (user !== undefined) requireSight(viewer, user)
  const userId = viewer === 'admin' ? user : viewer.userId
  const types = readTypes(req.queries('type') ?? [])
  const after = readCursor(req.header('Last-Event-ID'), req.query('after')) ?? 'now'
  return stream(service, call, async (signal) => {
    if (after !== 'now' && after !== 'start') await requireReadable(service, after)
    const events = store.subscribe({
      after,
      signal,
      bufferSize: BUFFERED_EVENTS,
      ...(userId !== undefined && { userId }),
      ...(types !== undefined && { types }),
    })
    // What is written after the answer comes, then, also to a client that loses its connection before anything has come.
    const place = await placeOf(events)
    return (async function* (): AsyncGenerator<Message> {
      if (after === 'now' && place !== null) yield positionMessage(place, req.header('Accept'))
      for await (const event of events) yield { id: event.cursor, data: show.event(event, viewer) }
    })()
  })
}

/** Before the response has begun, a cursor that can't be used is a status. @throws InvalidCursorError, CursorGapError, LogRewoundError */
async function requireReadable<T extends JobCore>({ store }: Service<T>, after: Cursor): Promise<void> {
  for await (const _ of store.events({ after })) return
}

/** @param open begins the messages; null if there are none to come, which ends the client's asking for them */
async function stream<T extends JobCore>(
  { store, settings, checkMs }: Service<T>,
  { req: { raw: request }, var: { viewer } }: Call,
  open: (signal: AbortSignal) => Promise<AsyncIterator<Message> | null>,
): Promise<Response> {
  const { authorize, onError, heartbeatMs } = settings
  // Once the response has begun, there is no status to say it with.
  await store.ready()
  const subscription = new AbortController()
  const messages = await open(subscription.signal)
  if (messages === null) return nothing()
  const check = async (): Promise<void> => {
    const now = await viewerOf(request, authorize, onError)
    if (!isSameViewer(viewer, now)) throw unauthorized()
  }
  const body = eventStream({
    messages,
    subscription,
    client: request.signal,
    heartbeatMs,
    checkMs,
    check,
    onError: (error) => onError(error, request),
  })
  return respond(body, 'text/event-stream', { headers: SSE_HEADERS })
}
