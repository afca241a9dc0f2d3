import assert from 'node:assert/strict'

import * as fc from 'fast-check'
import { suite } from 'uvu'

import { InvalidConfigError, StoreUnavailableError } from '../../src/core/errors.ts'
import { createHandler, type HttpOptions } from '../../src/http/index.ts'
import { MemoryJobStore } from '../../src/memory/memory-job-store.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, textOf } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { openService, requestOf } from './support/service.ts'

const test = suite('What is refused over HTTP')

const ODD_CHARACTERS = '% / \\ ? # & ; : { } [ ] + . ~ \0 \r \n \t 2F 5C é 😀'.split(' ')

interface ProblemJson {
  title: string
  status: number
  code: string
  detail: string
  [fact: string]: unknown
}

/** The problem that a response is. */
async function problemIn(response: Response): Promise<ProblemJson> {
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  assert.equal(response.headers.get('cache-control'), 'no-store')
  const problem = (await response.json()) as ProblemJson
  assert.equal(problem.status, response.status)
  return problem
}

test('there is no handler without authorize, nor with an option that is none', () => {
  const store = new MemoryJobStore<AnyJob>()
  const wrong: unknown[] = [
    undefined,
    {},
    { authorize: null },
    { authorize: () => null, basePath: 'api' },
    { authorize: () => null, basePath: '/:id' },
    { authorize: () => null, heartbeatMs: 0 },
    { authorize: () => null, redact: 'all' },
  ]
  for (const options of wrong)
    assert.throws(() => createHandler(store, options as HttpOptions<AnyJob>), InvalidConfigError)
})

test('a base path is judged at once, however long it is', () => {
  const store = new MemoryJobStore<AnyJob>()
  const take = (basePath: string): unknown => createHandler(store, { authorize: () => null, basePath })
  for (const path of ['/', '/api', '/api/', '/a.b/c~d/e-f_1/', `/${'a'.repeat(1000)}`, '/a'.repeat(1000)]) take(path)
  const wrong = [
    '',
    'api',
    '//',
    '/a//b',
    '/a b',
    '/*',
    '/:id',
    '/a/?b',
    '/a\n',
    `/${'a'.repeat(1000)}:`,
    `${'/a'.repeat(1000)}*`,
  ]
  for (const path of wrong) assert.throws(() => take(path), InvalidConfigError, path)
})

test('nobody gets anything, and what authorize throws is told to the program alone', async () => {
  const told: unknown[] = []
  await using nobody = openService({ authorize: () => null, onError: (error) => told.push(error) })
  const error = new Error('the login server at 10.0.0.7 is away')
  const failing = (): never => {
    throw error
  }
  await using broken = openService({ authorize: failing, onError: (own) => told.push(own) })
  const odd = { user: 'ann' } as unknown as null
  await using wrong = openService({ authorize: () => odd, onError: (own) => told.push(own) })
  const texts = new Set<string>()
  for (const service of [nobody, broken, wrong])
    for (const path of ['/jobs/job-1', '/jobs/job-1/history', '/users/ann/jobs', '/stats', '/none']) {
      const response = await service.ask(path)
      assert.equal(response.headers.get('www-authenticate'), 'Bearer')
      texts.add(JSON.stringify(await problemIn(response)))
    }
  assert.equal(texts.size, 1)
  assert.match([...texts].join(), /"status":401,"code":"UNAUTHORIZED"/)
  assert.deepEqual([told.length, told[0]], [10, error])
})

test('a program that fails as it is told gets the answer all the same, and a warning', async () => {
  const failing = (): never => {
    throw new Error('the log server is away')
  }
  const warnings: string[] = []
  const note = ({ message }: Error): void => void warnings.push(message)
  process.on('warning', note)
  try {
    const failingLater = (() => Promise.reject(new Error('the log server is away'))) as () => void
    for (const onError of [failing, failingLater]) {
      await using service = openService({ authorize: failing, onError })
      assert.equal((await service.ask('/jobs/job-1')).status, 401)
    }
    await eventually(() =>
      assert.deepEqual(warnings, ['onError failed: the log server is away', 'onError failed: the log server is away']),
    )
  } finally {
    process.off('warning', note)
  }
})

test('only GET, HEAD and OPTIONS are known', async () => {
  await using service = openService()
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const response = await service.ask('/jobs/job-1', { method })
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD, OPTIONS'])
    assert.equal((await problemIn(response)).code, 'METHOD_NOT_ALLOWED')
  }
  const options = await service.ask('/jobs/job-1', { method: 'OPTIONS', as: null })
  assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, OPTIONS'])
})

test('each parameter has its limits', async () => {
  await using service = openService()
  await service.store.create(aJob({ userId: 'ann' }))
  const wrong: [query: string, code: string, parameter?: string][] = [
    ['limit=0', 'INVALID_PARAMETER', 'limit'],
    ['limit=101', 'INVALID_PARAMETER', 'limit'],
    ['limit=-1', 'INVALID_PARAMETER', 'limit'],
    ['limit=1e1', 'INVALID_PARAMETER', 'limit'],
    ['limit=', 'INVALID_PARAMETER', 'limit'],
    ['status=asleep', 'INVALID_PARAMETER', 'status'],
    ['status=', 'INVALID_PARAMETER', 'status'],
    [`status=${textOf(513)}`, 'INVALID_PARAMETER', 'status'],
    ['after=x', 'INVALID_CURSOR'],
    [`after=${textOf(1025)}`, 'INVALID_PARAMETER', 'after'],
  ]
  for (const [query, code, parameter] of wrong) {
    const problem = await problemIn(await service.ask(`/users/ann/jobs?${query}`))
    assert.deepEqual([problem.status, problem.code, problem['parameter']], [400, code, parameter], query)
  }
})

test('a cursor that lost its end is 400, and so is one that is too long', async () => {
  await using service = openService()
  for (let index = 0; index < 12; index++) await service.store.create(aJob({ id: `${index}`, userId: 'ann' }))
  const cursor = (await collect(service.store.events())).at(-1)?.cursor ?? ''
  for (const path of ['/events', '/jobs/3/events'])
    for (const cut of [cursor.slice(0, -1), cursor.slice(0, -2), cursor.slice(0, -3), cursor.slice(0, 5)]) {
      const byHeader = await problemIn(await service.ask(path, { headers: { 'Last-Event-ID': cut } }))
      assert.deepEqual([byHeader.status, byHeader.code], [400, 'INVALID_CURSOR'], `${path} ${cut}`)
      const byQuery = await problemIn(await service.ask(`${path}?after=${cut}`))
      assert.deepEqual([byQuery.status, byQuery.code], [400, 'INVALID_CURSOR'], `${path} ${cut}`)
    }
  const tooLong = await problemIn(await service.ask(`/events?after=${textOf(32_769)}`))
  assert.deepEqual([tooLong.status, tooLong.code, tooLong['parameter']], [400, 'INVALID_PARAMETER', 'after'])
})

test('the cursor of as many partitions as a store may have is not too long', async () => {
  await using service = openService()
  const place = '.999999999999_1732921200000-999'
  const cursor = `1.0123456789abcdef${place.repeat(1024)}`
  const asked = [
    await service.ask('/events', { headers: { 'Last-Event-ID': cursor } }),
    await service.ask(`/events?after=${cursor}`),
  ]
  for (const response of asked) assert.equal((await problemIn(response)).code, 'INVALID_CURSOR')
})

test('types past the limit are refused, not cut off', async () => {
  await using service = openService()
  // The first 1,024 characters end with a whole name.
  const types = `${'updated,'.repeat(125)}statusChanged,progressed,deleted`
  for (const query of [`type=${types}`, `type=${types.replaceAll(',', '&type=')}`]) {
    const problem = await problemIn(await service.ask(`/events?${query}`))
    assert.deepEqual([problem.status, problem.code, problem['parameter']], [400, 'INVALID_PARAMETER', 'type'])
  }
})

test('what can be no id is not there', async () => {
  await using service = openService()
  for (const id of [textOf(513), '%ff', '%', '%2', '%00'.repeat(513), '%ed%a0%80'])
    for (const path of [`/jobs/${id}`, `/jobs/${id}/history`])
      assert.equal((await problemIn(await service.ask(path))).status, 404, path)
})

test('every id that a path can hold names its job, and no other', async () => {
  await using service = openService()
  const character = fc.oneof(fc.constantFrom(...ODD_CHARACTERS), fc.string({ unit: 'binary' }))
  const ids = fc.array(character, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''))
  // A browser takes these for steps in the path, encoded or not.
  const reachable = ids.filter((id) => id !== '' && id !== '.' && id !== '..')
  await fc.assert(
    fc.asyncProperty(reachable, reachable, async (id, userId) => {
      await service.store.create(aJob({ id, userId }))
      try {
        for (const path of ['', '/history']) {
          const response = await service.ask(`/jobs/${encodeURIComponent(id)}${path}`, { as: userId })
          const found: unknown = await response.json()
          assert.equal(response.status, 200, JSON.stringify(found))
          assert.ok(JSON.stringify(found).includes(JSON.stringify(id)))
        }
        const list = await service.ask(`/users/${encodeURIComponent(userId)}/jobs`, { as: userId })
        assert.equal(((await list.json()) as { jobs: AnyJob[] }).jobs[0]?.id, id)
      } finally {
        await service.store.delete(id)
      }
    }),
    { numRuns: 300 },
  )
})

test('a store that is away is 503, and a mistake of the program 500: neither says what went wrong', async () => {
  const told: unknown[] = []
  const failWith = async (error: Error): Promise<ProblemJson> => {
    await using store = new MemoryJobStore<AnyJob>()
    store.findRecord = async () => {
      throw error
    }
    const handler = createHandler(store, { authorize: () => 'admin', onError: (own) => told.push(own) })
    const response = await handler(requestOf('/jobs/job-1'))
    assert.equal(response.headers.get('retry-after'), response.status === 503 ? '5' : null)
    return await problemIn(response)
  }
  const away = new StoreUnavailableError('redis://secret@10.0.0.7 refused', { outcome: 'unknown' })
  const mistake = new TypeError('secret is undefined')
  const problems = [await failWith(away), await failWith(mistake)]
  assert.deepEqual(
    problems.map(({ status, code }) => [status, code]),
    [
      [503, 'STORE_UNAVAILABLE'],
      [500, 'INTERNAL_ERROR'],
    ],
  )
  assert.ok(!JSON.stringify(problems).includes('secret'))
  assert.deepEqual(told, [away, mistake])
})

test('what is thrown is a 500 on each route, also if it is no Error, and told', async () => {
  for (const thrown of ['oops', null, undefined, { code: 7 }, new Error('oops')]) {
    const told: unknown[] = []
    const redact = (): never => {
      throw thrown
    }
    await using service = openService({ redact, onError: (error) => told.push(error) })
    await service.store.create(aJob({ userId: 'ann' }))
    const paths = ['/jobs/job-1', '/jobs/job-1/history', '/jobs/job-1/events', '/users/ann/jobs']
    for (const path of paths) {
      const problem = await problemIn(await service.ask(path))
      assert.deepEqual([problem.status, problem.code], [500, 'INTERNAL_ERROR'], path)
      assert.equal((await service.ask(path, { method: 'HEAD' })).status, 500)
    }
    assert.deepEqual(
      told,
      paths.flatMap(() => [thrown, thrown]),
    )
  }
})

test('a closed store is 503', async () => {
  await using service = openService()
  await service.store.close()
  for (const path of ['/jobs/job-1', '/jobs/job-1/history', '/jobs/job-1/events', '/events', '/users/ann/jobs'])
    assert.equal((await problemIn(await service.ask(path))).status, 503, path)
})

test.run()
