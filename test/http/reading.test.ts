import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { StoreUnavailableError } from '../../src/core/errors.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aFullJob, aJob, createMany } from '../contract/jobs.ts'
import { openService } from './support/service.ts'

const test = suite('Reading over HTTP')

test('a job is JSON: Dates as ISO 8601, Buffers as base64, bigints as text, and no secret', async () => {
  await using service = openService()
  const job = aFullJob({ userId: 'ann', bytes: Buffer.from('hi'), big: 2n ** 60n, odd: Number.NaN })
  await service.store.create(job)
  const response = await service.ask('/jobs/job-1')
  assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/json'])
  assert.deepEqual(await response.json(), {
    ...JSON.parse(JSON.stringify({ ...job, big: String(2n ** 60n) })),
    webhook: { url: 'https://example.com/hook', events: ['completed', 'failed'] },
    bytes: 'aGk=',
    odd: 'NaN',
  })
})

test('the history is all events, oldest first, also after the end, and no secret', async () => {
  await using service = openService()
  const { store } = service
  await store.create(aFullJob({ userId: 'ann' }), { meta: { actor: 'api', correlationId: 'c-1' } })
  await store.update('job-1', { webhook: { url: 'https://example.com', secret: 's3cret' } })
  await store.delete('job-1')
  const response = await service.ask('/jobs/job-1/history')
  const events = (await response.json()) as Record<string, unknown>[]
  assert.deepEqual(
    events.map(({ version, type }) => [version, type]),
    [
      [1, 'created'],
      [2, 'updated'],
      [3, 'deleted'],
    ],
  )
  const [created, updated] = events
  assert.deepEqual(created?.['meta'], { actor: 'api', correlationId: 'c-1' })
  assert.deepEqual(updated?.['data'], { webhook: { url: 'https://example.com' } })
  assert.equal(updated?.['previous'], created?.['id'])
  assert.equal((await service.ask('/jobs/job-1')).status, 404)
})

test('a history that can not be read to its end breaks off, and the program is told why', async () => {
  const told: [unknown, string][] = []
  await using service = openService({ onError: (error, { url }) => told.push([error, url]) })
  const { store } = service
  await store.create(aJob({ userId: 'ann' }))
  const away = new StoreUnavailableError('10.0.0.7 refused', { outcome: 'unknown' })
  const history = store.history.bind(store)
  store.history = async function* (id) {
    yield* history(id)
    throw away
  }
  const response = await service.ask('/jobs/job-1/history')
  assert.equal(response.status, 200)
  await assert.rejects(response.text())
  assert.deepEqual(told, [[away, 'http://localhost/jobs/job-1/history']])
})

test('a user has a list of jobs, page by page, by status', async () => {
  await using service = openService()
  const ids = await createMany(service.store, 5)
  await service.store.updateStatus(ids[0] ?? '', 'failed')
  const page = async (query: string): Promise<{ jobs: AnyJob[]; next: string | null }> =>
    (await service.ask(`/users/user-1/jobs${query}`, { as: 'user-1' })).json() as never
  const first = await page('?limit=3')
  const rest = await page(`?limit=3&after=${first.next}`)
  assert.deepEqual(
    [...first.jobs, ...rest.jobs].map(({ id }) => id),
    ids,
  )
  assert.equal(rest.next, null)
  assert.deepEqual(
    (await page('?status=failed')).jobs.map(({ id }) => id),
    ids.slice(0, 1),
  )
})

test('a list has no secrets, and a redaction of ones own sees every job and every event', async () => {
  await using plain = openService()
  await plain.store.create(aFullJob({ userId: 'ann' }))
  const list = await (await plain.ask('/users/ann/jobs')).text()
  assert.ok(list.includes('job-1') && !list.includes('s3cret'))

  await using service = openService({ redact: (fields) => ({ ...fields, title: undefined }) })
  await service.store.create(aFullJob({ userId: 'ann', title: 'hidden' }))
  await service.store.update('job-1', { title: 'hidden too', note: 'seen' })
  for (const path of ['/jobs/job-1', '/jobs/job-1/history', '/users/ann/jobs']) {
    const text = await (await service.ask(path)).text()
    assert.ok(text.includes('seen') && !text.includes('hidden'), text)
  }
})

test('stats are for admins', async () => {
  await using service = openService()
  await service.store.create(aJob())
  const response = await service.ask('/stats', { as: 'admin' })
  const { jobs, events, backend } = (await response.json()) as Record<string, unknown>
  assert.deepEqual([jobs, events, backend], [1, 1, 'memory'])
  assert.equal((await service.ask('/stats')).status, 404)
})

test('an admin sees what any user sees', async () => {
  await using service = openService()
  await service.store.create(aJob({ userId: 'ann' }))
  for (const path of ['/jobs/job-1', '/jobs/job-1/history', '/users/ann/jobs'])
    assert.equal((await service.ask(path, { as: 'admin' })).status, 200, path)
})

test('a job that has not changed is 304, as often as it is asked for', async () => {
  await using service = openService()
  await service.store.create(aJob({ userId: 'ann' }))
  const first = await service.ask('/jobs/job-1')
  const tag = first.headers.get('etag') ?? ''
  assert.equal(first.headers.get('cache-control'), 'private, no-cache')
  for (const named of [tag, `"other", ${tag}`, tag.replace('W/', ''), '*']) {
    const again = await service.ask('/jobs/job-1', { headers: { 'If-None-Match': named } })
    assert.deepEqual([again.status, again.headers.get('etag'), await again.text()], [304, tag, ''], named)
  }
  await service.store.updateProgress('job-1', { percent: 1 })
  const changed = await service.ask('/jobs/job-1', { headers: { 'If-None-Match': tag } })
  assert.equal(changed.status, 200)
  assert.notEqual(changed.headers.get('etag'), tag)
})

test('a tag is of one content: not of what another store, or another redaction, shows at the same version', async () => {
  const tags: string[] = []
  for (const [title, redact] of [['one'], ['other'], ['other', () => ({ title: 'hidden' })]] as const) {
    await using service = openService(redact === undefined ? {} : { redact })
    await service.store.create(aJob({ userId: 'ann', title }))
    const response = await service.ask('/jobs/job-1', { headers: { 'If-None-Match': tags.join(', ') } })
    assert.equal(response.status, 200)
    tags.push(response.headers.get('etag') ?? '')
  }
  assert.equal(new Set(tags).size, 3)
  for (const tag of tags) assert.match(tag, /^W\/"1\.[\w-]{16}"$/)
})

test('HEAD answers as GET does, without a body', async () => {
  await using service = openService()
  await service.store.create(aJob({ userId: 'ann' }))
  for (const path of ['/jobs/job-1', '/jobs/job-1/history', '/users/ann/jobs', '/jobs/none', '/stats']) {
    const [head, get] = [await service.ask(path, { method: 'HEAD' }), await service.ask(path)]
    assert.deepEqual([head.status, [...head.headers]], [get.status, [...get.headers]], path)
    assert.equal(await head.text(), '')
    await get.body?.cancel()
  }
})

test('all hangs under the base path', async () => {
  for (const basePath of ['/api/v1', '/api/v1/']) {
    await using service = openService({ basePath })
    await service.store.create(aJob({ userId: 'ann' }))
    assert.equal((await service.ask('/api/v1/jobs/job-1')).status, 200)
    assert.equal((await service.ask('/jobs/job-1')).status, 404)
  }
})

test.run()
