import assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aFullJob, aJob, createMany } from '../contract/jobs.ts'
import { fill, PLACES } from './support/places.ts'
import { runCli } from './support/run-cli.ts'

/** Version 1 pending, 2 processing by a worker, 3 half done. */
async function liveJob(store: JobStore<AnyJob>): Promise<void> {
  await store.create(aJob({ id: 'job-1', userId: 'ann', title: 'Holiday' }), { meta: { actor: 'api' } })
  await store.updateStatus('job-1', 'processing', { meta: { actor: 'worker-7', reason: 'its turn' } })
  await store.updateProgress('job-1', { percent: 50, stage: 'encode' })
}

for (const [name, newPlace] of Object.entries(PLACES)) {
  const test = suite(`Reading with the command line: ${name}`)

  test('get prints a job with its version; a missing one is exit code 1', async () => {
    const place = await newPlace()
    await fill(place, liveJob)
    const [found, missing] = await Promise.all([
      runCli([...place.args, 'get', 'job-1']),
      runCli([...place.args, 'get', 'job-2']),
    ])
    assert.equal(found.code, 0, found.stderr)
    assert.match(found.stdout, /job-1: version 3/)
    assert.match(found.stdout, /title +Holiday/)
    assert.equal(missing.code, 1)
    assert.match(missing.stdout, /no job "job-2"/)
  })

  test('get --json prints the record, Dates as ISO 8601; null for a missing job', async () => {
    const place = await newPlace()
    const job = aFullJob({ id: 'job-1', bytes: Buffer.from('hi'), count: 12n })
    await fill(place, (store) => store.create(job))
    const [found, missing] = await Promise.all([
      runCli([...place.args, '--json', 'get', 'job-1']),
      runCli([...place.args, 'get', 'job-2', '--json']),
    ])
    const record = JSON.parse(found.stdout)
    assert.equal(record.version, 1)
    assert.equal(record.job.createdAt, job.createdAt.toISOString())
    assert.deepEqual([record.job.bytes, record.job.count], ['aGk=', '12'])
    assert.deepEqual(record.job.webhook, job.webhook)
    assert.deepEqual([missing.code, JSON.parse(missing.stdout)], [1, null])
  })

  test('list pages through the jobs of a user, newest first', async () => {
    const place = await newPlace()
    let ids: string[] = []
    await fill(place, async (store) => {
      ids = await createMany(store, 5)
    })
    const first = JSON.parse((await runCli([...place.args, 'list', 'user-1', '--limit', '3', '--json'])).stdout)
    const rest = await runCli([...place.args, 'list', 'user-1', '--after', first.next])
    assert.deepEqual(
      first.jobs.map((job: AnyJob) => job.id),
      ids.slice(0, 3),
    )
    assert.match(rest.stdout, new RegExp(`${ids[3]}[^]*${ids[4]}`))
    assert.doesNotMatch(rest.stdout, new RegExp(`${ids[2]}|More:`))
  })

  test('list --status tells a status that no job has from a user without jobs; statuses of ones own are known', async () => {
    const place = await newPlace()
    await fill(place, liveJob)
    const status = (wanted: string): string[] => [...place.args, 'list', 'ann', '--status', wanted]
    const [processing, odd, nobody] = await Promise.all([
      runCli(status('processing')),
      runCli(status('resting')),
      runCli([...place.args, 'list', 'bob']),
    ])
    assert.match(processing.stdout, /job-1 +processing +50 %, encode/)
    assert.match(odd.stdout, /No job at all is "resting"; there are processing/)
    assert.match(nobody.stdout, /User "bob" has no jobs/)
    assert.deepEqual([processing.code, odd.code, nobody.code], [0, 0, 0])
  })

  test('history is a table of what changed and by whom; as JSON one event a line', async () => {
    const place = await newPlace()
    await fill(place, async (store) => {
      await liveJob(store)
      await store.delete('job-1', { meta: { actor: 'ann' } })
    })
    const [table, lines, none] = await Promise.all([
      runCli([...place.args, 'history', 'job-1']),
      runCli([...place.args, 'history', 'job-1', '--json']),
      runCli([...place.args, 'history', 'job-2']),
    ])
    assert.match(table.stdout, /version +time +event +actor +what changed/)
    assert.match(table.stdout, /2 .* statusChanged +worker-7 +status pending → processing, startedAt .*\(its turn\)/)
    assert.match(table.stdout, /3 .* progressed +– +0 % → 50 %, encode/)
    assert.match(table.stdout, /4 .* deleted +ann +gone/)
    const events = lines.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      events.map(({ version, type }) => [version, type]),
      [
        [1, 'created'],
        [2, 'statusChanged'],
        [3, 'progressed'],
        [4, 'deleted'],
      ],
    )
    assert.deepEqual([table.code, none.code], [0, 1])
  })

  test('history --as-of shows the job as it was at a version, a time and an event', async () => {
    const place = await newPlace()
    const events: { id: string; at: Date }[] = []
    await fill(place, async (store) => {
      await liveJob(store)
      for await (const event of store.history('job-1')) events.push(event)
    })
    const asOf = (moment: string, ...more: string[]): string[] => [
      ...place.args,
      'history',
      'job-1',
      '--as-of',
      moment,
      ...more,
    ]
    const [version, event, time, before] = await Promise.all([
      runCli(asOf('1')),
      runCli(asOf(`event:${events[1]?.id}`, '--json')),
      runCli(asOf(events[2]?.at.toISOString() ?? '', '--json')),
      runCli(asOf('2001-02-03', '--json')),
    ])
    assert.match(version.stdout, /status +pending +≠ +processing/)
    assert.deepEqual([JSON.parse(event.stdout).status, JSON.parse(event.stdout).progress.percent], ['processing', 0])
    assert.equal(JSON.parse(time.stdout).progress.percent, 50)
    assert.deepEqual([before.code, JSON.parse(before.stdout)], [1, null])
  })

  test('into a pipe each value goes whole', async () => {
    const place = await newPlace()
    const [title, reason] = ['title '.repeat(100_000), 'reason '.repeat(20)]
    await fill(place, async (store) => {
      await liveJob(store)
      await store.update('job-1', { title, progress: { percent: 60, stage: reason } }, { meta: { reason } })
    })
    const commands = [
      ['get', 'job-1'],
      ['history', 'job-1'],
      ['history', 'job-1', '--as-of', '4'],
      ['list', 'ann'],
    ]
    const runs = await Promise.all(commands.map((command) => runCli([...place.args, ...command])))
    for (const [index, { code, stdout }] of runs.entries()) {
      const [command = ''] = commands[index] ?? []
      assert.equal(code, 0)
      if (command !== 'list') assert.ok(stdout.includes(title.trim()), command)
      assert.ok(stdout.includes(reason.trim()), command)
    }
  })

  test('stats counts jobs by status, and events', async () => {
    const place = await newPlace()
    await fill(place, liveJob)
    const [text, json] = await Promise.all([
      runCli([...place.args, 'stats']),
      runCli([...place.args, 'stats', '--json']),
    ])
    assert.match(text.stdout, /1 job, 3 events[^]*processing +1/)
    const { jobs, events, byStatus, newestEventAt } = JSON.parse(json.stdout)
    assert.deepEqual([jobs, events, byStatus.processing], [1, 3, 1])
    assert.ok(Date.parse(newestEventAt) > 0)
  })

  test.run()
}
