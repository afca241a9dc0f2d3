import type { JobCore } from '../core/job.ts'
import { plainJson } from '../plain-json.ts'
import { entityTag, namesTag } from './entity-tag.ts'
import { jsonArray } from './json-array.ts'
import { readId, readLimit, readPage } from './parameters.ts'
import { notFound } from './problem.ts'
import { json, respond } from './respond.ts'
import type { Call, Service } from './service.ts'
import { requireSight, sees, type Viewer } from './viewer.ts'

/** GET /jobs/:id */
export async function getJob<T extends JobCore>({ store, show }: Service<T>, call: Call<'/:id'>): Promise<Response> {
  const record = await store.findRecord(call.req.param('id'))
  if (record === null) throw notFound()
  requireSight(call.var.viewer, record.job.userId)
  const shown = show.job(record.job)
  // To be kept only by who may see it, and to be asked for again each time.
  const headers = { ETag: await entityTag(record.version, shown), 'Cache-Control': 'private, no-cache' }
  if (namesTag(call.req.header('If-None-Match'), headers.ETag))
    return respond(null, 'application/json', { status: 304, headers })
  return json(shown, headers)
}

/** GET /jobs/:id/history */
export async function getHistory<T extends JobCore>(service: Service<T>, call: Call<'/:id'>): Promise<Response> {
  const events = ownHistory(service, call.req.param('id'), call.var.viewer)
  const first = await events.next()
  if (first.done === true) throw notFound()
  const { onError } = service.settings
  return json(jsonArray(first.value, events, (error) => onError(error, call.req.raw)))
}

/** GET /users/:id/jobs */
export async function getJobs<T extends JobCore>(
  { store, show }: Service<T>,
  { req, var: { viewer } }: Call<'/:id'>,
): Promise<Response> {
  const userId = req.param('id')
  requireSight(viewer, userId)
  const status = readId('status', req.query('status'))
  const limit = readLimit(req.query('limit'))
  const after = readPage(req.query('after'))
  const { jobs, next } = await store.listByUserId(userId, {
    ...(status !== undefined && { status }),
    ...(limit !== undefined && { limit }),
    ...(after !== undefined && { after }),
  })
  return json(show.jobs(jobs, next))
}

/** GET /stats */
export async function getStats<T extends JobCore>({ store }: Service<T>, call: Call): Promise<Response> {
  if (call.var.viewer !== 'admin') throw notFound()
  return json(plainJson(await store.stats()))
}

/** Those events of a job after which it was the viewer's, whoever else has or had a job of this id. */
async function* ownHistory<T extends JobCore>(
  { store, show }: Service<T>,
  id: string,
  viewer: Viewer,
): AsyncGenerator<string> {
  for await (const event of store.history(id)) if (sees(viewer, event.userId)) yield show.event(event, viewer)
}
