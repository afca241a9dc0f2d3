import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import { keysOf } from '../../src/redis/keys.ts'
import { aJob, createMany } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { fill, PLACES, redisPlace, temporaryFolder, type Place } from './support/places.ts'
import { runCli } from './support/run-cli.ts'

const test = suite('Changing a store with the command line')

/** Says on the live state what the log does not. */
async function corrupt({ args }: Place, jobId: string): Promise<void> {
  const [, url = '', , prefix = ''] = args
  const redis = new Redis(url)
  await redis.hset(keysOf(prefix, 0).job(jobId), 'status', 'completed')
  await redis.hincrby(keysOf(prefix, 0).counts, 'pending', 5)
  redis.disconnect()
}

test('what changes or deletes needs --yes where nobody can be asked, and does nothing without', async () => {
  const place = await redisPlace()
  await fill(place, async (store) => {
    await createMany(store, 3)
  })
  const folder = temporaryFolder()
  const file = join(folder, 'log.jsonl')
  writeFileSync(file, 'precious')
  const commands = [
    ['rebuild'],
    ['purge'],
    ['compact', '--before', '2100-01-01'],
    ['migrate', '--to', `sqlite:${join(folder, 'target.db')}`],
    ['import', file],
    ['import'],
    ['export', file],
  ]
  const runs = await Promise.all(commands.map((command) => runCli([...place.args, ...command])))
  for (const { code, stdout, stderr } of runs) {
    assert.match(stderr, /--yes.*Nothing was done/)
    assert.deepEqual([code, stdout], [2, ''])
  }
  assert.equal(readFileSync(file, 'utf8'), 'precious')
  assert.equal(existsSync(join(folder, 'target.db')), false)
  await fill(place, async (store) => assert.equal((await store.stats()).events, 3))
})

test('verify names what drifted with exit code 1, rebuild puts it right', async () => {
  const place = await redisPlace()
  await fill(place, async (store) => {
    await createMany(store, 3)
  })
  const sound = await runCli([...place.args, 'verify'])
  assert.match(sound.stdout, /✓ .*3 events, 3 jobs/)
  await corrupt(place, 'job-00001')
  const [found, json, dry] = await Promise.all([
    runCli([...place.args, 'verify']),
    runCli([...place.args, 'verify', '--json']),
    runCli([...place.args, 'rebuild', '--dry-run']),
  ])
  assert.match(found.stdout, /✗ [^]*field +job-00001 +status +pending +completed/)
  assert.match(found.stdout, /statusCount [^]*jobledger rebuild/)
  const report = JSON.parse(json.stdout)
  assert.equal(report.ok, false)
  assert.ok(report.driftCount >= 2)
  assert.equal(dry.stdout, found.stdout)
  assert.deepEqual([sound.code, found.code, json.code, dry.code], [0, 1, 1, 1])

  const rebuilt = await runCli([...place.args, 'rebuild', '--yes', '--json'])
  assert.ok(JSON.parse(rebuilt.stdout).repaired > 0)
  const again = await runCli([...place.args, 'rebuild', '-y'])
  assert.match(again.stdout, /Nothing had drifted/)
  assert.deepEqual([rebuilt.code, again.code, (await runCli([...place.args, 'verify'])).code], [0, 0, 0])
})

test('rebuild brings a store back of which only the log is left', async () => {
  const place = await redisPlace()
  await fill(place, async (store) => {
    await createMany(store, 3)
  })
  const [, url = '', , prefix = ''] = place.args
  const redis = new Redis(url)
  for (const key of await redis.keys(`{${prefix}:*`)) if (!key.endsWith(':events')) await redis.del(key)
  redis.disconnect()
  const lost = await runCli([...place.args, 'stats'])
  assert.match(lost.stderr, /gone/)
  assert.equal(lost.code, 3)
  assert.equal((await runCli([...place.args, 'rebuild', '--yes'])).code, 0)
  assert.match((await runCli([...place.args, 'stats'])).stdout, /3 jobs, 3 events/)
})

for (const [name, newPlace] of Object.entries(PLACES)) {
  test(`purge removes what is due, and --dry-run only counts it: ${name}`, async () => {
    const place = await newPlace()
    await fill(place, async (store) => {
      await createMany(store, 2)
      for (const id of ['a', 'b', 'c']) await store.create(aJob({ id, expiresAt: new Date(Date.now() + 1) }))
    })
    await eventually(async () => {
      const dry = await runCli([...place.args, 'purge', '--dry-run', '--json'])
      assert.deepEqual([dry.code, JSON.parse(dry.stdout)], [0, { due: 3, removed: 0 }])
    })
    const one = await runCli([...place.args, 'purge', '--limit', '1', '--yes', '--json'])
    const rest = await runCli([...place.args, 'purge', '--yes'])
    assert.deepEqual([one.code, JSON.parse(one.stdout)], [0, { removed: 1 }])
    assert.match(rest.stdout, /2 expired jobs removed/)
  })

  test(`a dry run of compact counts the events from before a time: ${name}`, async () => {
    const place = await newPlace()
    await fill(place, async (store) => {
      await createMany(store, 3)
    })
    const dry = (before: string): Promise<{ stdout: string }> =>
      runCli([...place.args, 'compact', '--dry-run', '--json', '--before', before])
    assert.equal(JSON.parse((await dry('2100-01-01')).stdout).events, 3)
    assert.equal(JSON.parse((await dry('2001-01-01T12:00:00Z')).stdout).events, 0)
  })

  test(`a dry run of compact counts what compact drops, of a log with snapshots too: ${name}`, async () => {
    const place = await newPlace()
    const compact = async (...how: string[]): Promise<{ events: number; dropped: number }> =>
      JSON.parse((await runCli([...place.args, 'compact', '--json', '--before', '2100-01-01', ...how])).stdout)
    await fill(place, async (store) => {
      await createMany(store, 9)
    })
    assert.equal((await compact('--yes')).dropped, 9)
    assert.equal((await compact('--dry-run')).events, 0)
    await fill(place, async (store) => {
      await store.updateStatus('job-00000', 'queued')
    })
    const { events } = await compact('--dry-run')
    assert.equal((await compact('--yes')).dropped, events)
    assert.ok(events > 1, 'the snapshots before it go with the event')
  })
}

test('compact drops old events, and what stays is told as such', async () => {
  const place = await redisPlace()
  await fill(place, async (store) => {
    await createMany(store, 3)
    await store.updateStatus('job-00000', 'queued')
  })
  const { code, stdout } = await runCli([...place.args, 'compact', '--before', '2100-01-01', '--yes'])
  assert.match(stdout, /4 events dropped, 0 events archived, 3 jobs snapshotted/)
  assert.equal(code, 0)
  const history = await runCli([...place.args, 'history', 'job-00000'])
  assert.match(history.stdout, /compacted away[^]*2 .*snapshotted/)
  assert.equal((await runCli([...place.args, 'verify'])).code, 0)
})

test('compact moves old events into an archive, and history and export read archive and log as one', async () => {
  const place = await redisPlace()
  await fill(place, async (store) => {
    await createMany(store, 3)
    await store.updateStatus('job-00000', 'queued')
  })
  const before = await runCli([...place.args, 'history', 'job-00000'])
  const archive = ['--archive', `sqlite:${join(temporaryFolder(), 'archive.db')}`]
  const early = await runCli([...place.args, 'history', 'job-00000', ...archive])
  assert.match(early.stderr, /no archive/)
  const { code, stdout } = await runCli([...place.args, 'compact', '--before', '2100-01-01', ...archive, '--yes'])
  assert.match(stdout, /4 events dropped, 4 events archived, 3 jobs snapshotted/)
  const [alone, whole, exported] = await Promise.all([
    runCli([...place.args, 'history', 'job-00000']),
    runCli([...place.args, 'history', 'job-00000', ...archive]),
    runCli([...place.args, 'export', ...archive]),
  ])
  assert.match(alone.stdout, /compacted away/)
  assert.equal(whole.stdout, before.stdout)
  assert.equal(
    exported.stdout
      .trim()
      .split('\n')
      .filter((line) => line.includes('"type":"created"')).length,
    3,
  )
  assert.deepEqual([early.code, code], [3, 0])
})

test('export and import carry a whole log over, through a file and through a pipe', async () => {
  const place = await redisPlace(3)
  await fill(place, async (store) => {
    await createMany(store, 5)
    await store.delete('job-00004')
  })
  const file = join(temporaryFolder(), 'log.jsonl')
  const written = await runCli([...place.args, 'export', file])
  assert.match(written.stdout, /6 events written/)
  const piped = await runCli([...place.args, 'export'])
  assert.equal(piped.stdout, readFileSync(file, 'utf8'))
  const [fromFile, fromPipe] = [await redisPlace(), await redisPlace()]
  const imported = await runCli([...fromFile.args, 'import', file, '--yes', '--json'])
  assert.deepEqual(JSON.parse(imported.stdout || imported.stderr), { events: 6, jobs: 4 })
  const again = await runCli([...fromPipe.args, '--partitions', '2', 'import', '-y'], { input: piped.stdout })
  assert.match(again.stdout, /6 events, 4 jobs imported/)
  const used = await runCli([...fromPipe.args, 'import', file, '--yes'])
  assert.equal(used.code, 3)
  assert.match((await runCli([...fromPipe.args, 'history', 'job-00004'])).stdout, /created[^]*deleted/)
})

test('a log that was cut off is refused, and an export that fails leaves no file', async () => {
  const place = await redisPlace()
  await fill(place, (store) => store.create(aJob()))
  const { stdout } = await runCli([...place.args, 'export'])
  const other = await redisPlace()
  const cut = await runCli([...other.args, 'import', '--yes'], { input: stdout.split('\n').slice(0, 2).join('\n') })
  assert.match(cut.stderr, /Line 3: .*cut off/)
  const file = join(temporaryFolder(), 'missing', 'log.jsonl')
  const failed = await runCli([...place.args, 'export', file])
  assert.match(failed.stderr, /ENOENT/)
  assert.deepEqual([cut.code, failed.code], [3, 3])
})

test('migrate copies a store into another one, with other partitions too, and not onto itself', async () => {
  const place = await redisPlace()
  await fill(place, async (store) => {
    await createMany(store, 5)
  })
  const { url } = await sharedRedis()
  const prefix = randomPrefix()
  const to = ['--to', url, '--to-prefix', prefix, '--to-partitions', '4']
  const { code, stdout, stderr } = await runCli([...place.args, 'migrate', ...to, '--yes', '--json'])
  assert.deepEqual([code, JSON.parse(stdout || stderr)], [0, { events: 5, jobs: 5 }])
  const target = await runCli(['--store', url, '--prefix', prefix, 'doctor', '--json'])
  assert.match(target.stdout, /4 partitions/)
  const same = await runCli([...place.args, 'migrate', '--to', url, '--to-prefix', place.args[3] ?? '', '--yes'])
  assert.match(same.stderr, /another store/)
  assert.equal(same.code, 2)
})

test.run()
