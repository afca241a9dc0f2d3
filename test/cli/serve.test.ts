import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { aFullJob } from '../contract/jobs.ts'
import { SseReader } from '../http/support/sse-reader.ts'
import { eventually } from '../support/eventually.ts'
import { fill, PLACES, sqlitePlace, type Place } from './support/places.ts'
import { runCli, startCli, type RunningCli } from './support/run-cli.ts'

const TOKEN = 'a-token-of-my-own'

interface Served extends AsyncDisposable {
  running: RunningCli
  token: string | null
  url: string
  get: (path: string, token?: string | null) => Promise<Response>
}

/** Serves a place on a free port. */
async function serve(place: Place, env: Record<string, string> = {}, ...args: string[]): Promise<Served> {
  const running = startCli([...place.args, '--json', 'serve', '--port', '0', ...args], { env })
  const [line = ''] = await eventually(
    () => {
      assert.ok(running.lines().length > 0, 'it does not serve yet')
      return running.lines()
    },
    { timeoutMs: 20_000 },
  )
  const { url, token } = JSON.parse(line) as { url: string; token: string | null }
  const get = (path: string, given: string | null = token): Promise<Response> =>
    fetch(`${url}${path}`, given === null ? {} : { headers: { Authorization: `Bearer ${given}` } })
  return { running, token, url, get, [Symbol.asyncDispose]: async () => void (await running.stop('SIGKILL')) }
}

for (const [name, newPlace] of Object.entries(PLACES)) {
  const test = suite(`Serving with the command line: ${name}`)

  test('serve answers whoever has the token of the run, and nobody else, on this machine only', async () => {
    const place = await newPlace()
    await fill(place, (store) => store.create(aFullJob({ userId: 'ann' })))
    await using served = await serve(place)
    assert.match(served.url, /^http:\/\/127\.0\.0\.1:\d+$/)
    assert.ok((served.token?.length ?? 0) >= 32)
    const job = await served.get('/jobs/job-1')
    assert.equal(job.status, 200)
    assert.ok(!(await job.text()).includes('s3cret'))
    assert.equal((await served.get('/stats')).status, 200)
    for (const [scheme, status] of [
      ['bearer ', 200],
      ['BEARER  ', 200],
      ['Basic ', 401],
      ['Bearer', 401],
      ['', 401],
    ] as const) {
      const headers = { authorization: `${scheme}${served.token}` }
      assert.equal((await fetch(`${served.url}/stats`, { headers })).status, status, scheme)
    }
    for (const wrong of [null, '', 'x', `${served.token}x`, served.token?.slice(1) ?? ''])
      for (const path of ['/jobs/job-1', '/events', `/stats?token=${served.token}`])
        assert.equal((await served.get(path, wrong)).status, 401)
    const written = await fetch(`${served.url}/jobs/job-1`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${served.token}` },
    })
    assert.equal(written.status, 405)
  })

  test('serve streams what happens, and ends well when it is told to', async () => {
    const place = await newPlace()
    await fill(place, (store) => store.create(aFullJob({ userId: 'ann' })))
    await using served = await serve(place)
    const reader = new SseReader(await served.get('/events?after=start'))
    assert.equal((await reader.take(1))[0]?.data.type, 'created')
    await fill(place, async (store) => {
      await store.updateProgress('job-1', { percent: 8 })
    })
    assert.equal((await reader.take(1))[0]?.data.type, 'progressed')
    const { code, stderr } = await served.running.stop('SIGTERM')
    assert.deepEqual([code, stderr], [0, ''])
    await reader.rest()
  })

  test.run()
}

const test = suite('Serving with the command line: the token')

test('a token of ones own is asked for, and not printed', async () => {
  const place = await sqlitePlace()
  await fill(place, (store) => store.ready())
  await using served = await serve(place, { JOBLEDGER_TOKEN: TOKEN }, '--host', '0.0.0.0')
  assert.equal(served.token, null)
  assert.deepEqual(
    [await served.get('/stats', TOKEN), await served.get('/stats')].map(({ status }) => status),
    [200, 401],
  )
  const { stdout } = await served.running.stop('SIGINT')
  assert.ok(!stdout.includes(TOKEN))
})

test('for people, it says where it is, and how to ask', async () => {
  const place = await sqlitePlace()
  await fill(place, (store) => store.ready())
  const running = startCli([...place.args, 'serve', '--port', '0'])
  await eventually(() => assert.equal(running.lines().length, 3), { timeoutMs: 20_000 })
  const { code, stdout } = await running.stop('SIGINT')
  assert.match(
    stdout,
    /^Serving at (\S+), .*\nThe token of this run: (\S+)\n +curl -H "Authorization: Bearer \2" \1\/stats\n$/,
  )
  assert.equal(code, 0)
})

test('a token that could be guessed is refused, and a port that is taken told', async () => {
  const place = await sqlitePlace()
  await fill(place, (store) => store.ready())
  const short = await runCli([...place.args, 'serve'], { env: { JOBLEDGER_TOKEN: 'short' } })
  assert.match(short.stderr, /JOBLEDGER_TOKEN: expected 16 or more/)
  assert.equal(short.code, 2)
  await using served = await serve(place)
  const second = await runCli([...place.args, 'serve', '--port', new URL(served.url).port])
  assert.match(second.stderr, /EADDRINUSE/)
  assert.equal(second.code, 3)
})

test.run()
