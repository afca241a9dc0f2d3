import assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { fill, PLACES, type Place } from './support/places.ts'
import { runCli, startCli, type CliRun, type RunningCli } from './support/run-cli.ts'

/** Longer than what a terminal is shown of it. */
const REASON = `its ${'own '.repeat(30)}turn`

const PATIENCE = { timeoutMs: 20_000 }

/** Job 1 of ann's is created and processed; job 2 of bob's is created, with a name that would steer a terminal. */
async function twoJobs(store: JobStore<AnyJob>): Promise<void> {
  await store.create(aJob({ id: 'job-1', userId: 'ann' }), { meta: { actor: 'api' } })
  await store.updateStatus('job-1', 'processing', { meta: { actor: 'worker-7', reason: REASON } })
  await store.create(aJob({ id: 'job-\u001b[2J', userId: 'bob' }))
}

/** Runs a tail until it has printed so many lines, and ends it as Ctrl-C does. */
async function tailFor(lines: number, place: Place, ...args: string[]): Promise<CliRun> {
  const running = startCli([...place.args, 'tail', ...args])
  await hasPrinted(running, lines)
  return running.stop('SIGINT')
}

function hasPrinted(running: RunningCli, lines: number): Promise<void> {
  return eventually(() => assert.ok(running.lines().length >= lines, 'it has not printed enough'), PATIENCE)
}

for (const [name, newPlace] of Object.entries(PLACES)) {
  const test = suite(`Following with the command line: ${name}`)

  test('tail prints an event a line, with nothing that steers a terminal, and where to go on', async () => {
    const place = await newPlace()
    await fill(place, twoJobs)
    const { code, stdout, stderr } = await tailFor(3, place, '--after', 'start')
    assert.match(stdout, /created +job-1 v1 {2}ann {2}api {2}new: .*status pending/)
    assert.match(stdout, /statusChanged {2}job-1 v2 {2}ann {2}worker-7 {2}status processing, .* \(its (?:own )+turn\)/)
    assert.match(stdout, /job-·\[2J v1 {2}bob/)
    assert.equal(code, 0)
    const [, cursor = ''] = /^To go on: --after (\S+)$/m.exec(stderr) ?? []
    await fill(place, async (store) => {
      await store.updateProgress('job-1', { percent: 7 })
    })
    const again = await tailFor(1, place, '--after', cursor)
    assert.match(again.stdout, /^[^\n]* progressed +job-1 v3 .*7 %\n$/)
  })

  test('tail shows what happens after it began', async () => {
    const place = await newPlace()
    await fill(place, twoJobs)
    const running = startCli([...place.args, 'tail', '--json'])
    await fill(place, (store) =>
      eventually(async () => {
        await store.updateProgress('job-1', { percent: 7 })
        assert.ok(running.lines().length > 0, 'nothing was printed')
      }, PATIENCE),
    )
    const { code, stdout, stderr } = await running.stop('SIGTERM')
    const { type, cursor } = JSON.parse(stdout.split('\n')[0] ?? '')
    assert.deepEqual([code, type, typeof cursor, stderr], [0, 'progressed', 'string', ''])
  })

  test('tail takes what it is asked for: a job, a user, types', async () => {
    const place = await newPlace()
    await fill(place, async (store) => {
      await twoJobs(store)
      await store.updateProgress('job-1', { percent: 7 })
    })
    const versions = async (lines: number, ...args: string[]): Promise<[string, number][]> => {
      const { stdout } = await tailFor(lines, place, '--after', 'start', '--json', ...args)
      const events = stdout.trim().split('\n')
      return events.map((line) => JSON.parse(line)).map(({ userId, version }) => [userId, version])
    }
    const [job, user, types] = await Promise.all([
      versions(3, '--job', 'job-1'),
      versions(1, '--user', 'bob'),
      versions(2, '--type', 'statusChanged,progressed'),
    ])
    const ann = (version: number): [string, number] => ['ann', version]
    assert.deepEqual(job, [1, 2, 3].map(ann))
    assert.deepEqual(user, [['bob', 1]])
    assert.deepEqual(types, [2, 3].map(ann))
  })

  test('a gap is exit code 1, with the cursor to go on from', async () => {
    const place = await newPlace()
    await fill(place, twoJobs)
    const [first = ''] = (await tailFor(1, place, '--after', 'start', '--json')).stdout.split('\n')
    await fill(place, async (store) => {
      await store.compact({ before: new Date(Date.now() + 60_000) })
    })
    const { code, stdout, stderr } = await runCli([...place.args, 'tail', '--after', JSON.parse(first).cursor])
    assert.deepEqual([code, stdout], [1, ''], stderr)
    const [, oldest = ''] = /compacted away[^]*^To go on: --after (\S+)$/m.exec(stderr) ?? []
    await fill(place, async (store) => {
      await store.updateProgress('job-1', { percent: 9 })
    })
    assert.match((await tailFor(1, place, '--after', oldest)).stdout, /progressed +job-1 v3/)
  })

  test('a cursor of something else is exit code 2', async () => {
    const place = await newPlace()
    await fill(place, twoJobs)
    const { code, stderr } = await runCli([...place.args, 'tail', '--after', 'elsewhere'])
    assert.match(stderr, /cursor/)
    assert.equal(code, 2)
  })

  test.run()
}
