import assert from 'node:assert/strict'
import { join } from 'node:path'

import Database from 'better-sqlite3'
import { suite } from 'uvu'

import { aJob, createMany } from '../contract/jobs.ts'
import { fill, redisPlace, sqlitePlace, temporaryFolder } from './support/places.ts'
import { runCli } from './support/run-cli.ts'

const test = suite('Changing an SQLite file with the command line')

test('verify names what drifted with exit code 1, rebuild puts it right', async () => {
  const place = await sqlitePlace()
  await fill(place, async (store) => {
    await createMany(store, 3)
  })
  const database = new Database((place.args[1] ?? '').replace('sqlite:', ''))
  database.exec("UPDATE jobs SET status = 'completed' WHERE id = 'job-00001'")
  database.close()
  const found = await runCli([...place.args, 'verify'])
  assert.match(found.stdout, /✗ [^]*statusIndex +job-00001/)
  const rebuilt = await runCli([...place.args, 'rebuild', '--yes', '--json'])
  assert.ok(JSON.parse(rebuilt.stdout || rebuilt.stderr).repaired > 0)
  assert.deepEqual([found.code, rebuilt.code, (await runCli([...place.args, 'verify'])).code], [1, 0, 0])
})

test("a job that is missing, or one too many, is printed without its webhook's secret; JSON has it", async () => {
  const place = await sqlitePlace()
  // First among the fields, where it would be printed even of a value that is cut.
  const webhook = { webhook: { url: 'u', secret: 's3cret' } }
  await fill(place, async (store) => {
    await store.create({ ...webhook, ...aJob({ id: 'missing' }) })
    await store.create({ ...webhook, ...aJob({ id: 'orphan' }) })
  })
  const database = new Database((place.args[1] ?? '').replace('sqlite:', ''))
  database.exec("DELETE FROM jobs WHERE id = 'missing'; DELETE FROM events WHERE job_id = 'orphan'")
  database.close()
  for (const command of [['verify'], ['rebuild', '--dry-run']]) {
    const { code, stdout } = await runCli([...place.args, ...command])
    assert.match(stdout, /missingJob +missing .*"url":"u"/)
    assert.doesNotMatch(stdout, /s3cret/)
    assert.equal(code, 1)
  }
  assert.match((await runCli([...place.args, 'verify', '--json'])).stdout, /s3cret/)
})

test('compact drops old events, and the rest is sound', async () => {
  const place = await sqlitePlace()
  await fill(place, async (store) => {
    await createMany(store, 3)
    await store.updateStatus('job-00000', 'queued')
  })
  const { code, stdout, stderr } = await runCli([...place.args, 'compact', '--before', '2100-01-01', '--yes', '--json'])
  const { dropped, snapshotted } = JSON.parse(stdout || stderr)
  assert.deepEqual([code, dropped, snapshotted], [0, 4, 3])
  const doctor = await runCli([...place.args, 'doctor'])
  assert.deepEqual([(await runCli([...place.args, 'verify'])).code, doctor.code], [0, 0], doctor.stdout)
})

test('a store moves from Redis into a file and back, by migrate and by export and import', async () => {
  const from = await redisPlace(3)
  await fill(from, async (store) => {
    await createMany(store, 5)
    await store.delete('job-00004')
  })
  const file = await sqlitePlace()
  const moved = await runCli([...from.args, 'migrate', '--to', file.args[1] ?? '', '--yes', '--json'])
  assert.deepEqual(JSON.parse(moved.stdout || moved.stderr), { events: 6, jobs: 4 })
  const log = join(temporaryFolder(), 'log.jsonl')
  assert.equal((await runCli([...file.args, 'export', log])).code, 0)
  const back = await redisPlace()
  const imported = await runCli([...back.args, 'import', log, '--yes', '--json'])
  assert.deepEqual(JSON.parse(imported.stdout || imported.stderr), { events: 6, jobs: 4 })
  const again = await sqlitePlace()
  assert.match((await runCli([...again.args, 'import', log, '--yes'])).stdout, /6 events, 4 jobs imported/)
})

test.run()
