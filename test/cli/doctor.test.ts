import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import Database from 'better-sqlite3'
import { suite } from 'uvu'

import type { Finding } from '../../src/diagnosis/finding.ts'
import { aJob, createMany } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { startRedis } from '../support/redis-server.ts'
import { fill, sqlitePlace, temporaryFolder } from './support/places.ts'
import { runCli } from './support/run-cli.ts'
import { serverWithStore, tell } from '../support/server-with-store.ts'

const test = suite('Doctor')

const GOOD = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory', '200mb']
/** What doctor says: its exit code, and a verdict a topic. */
async function ask(args: string[]): Promise<{ code: number | null; verdicts: Record<string, string>; all: Finding[] }> {
  const { code, stdout, stderr } = await runCli([...args, 'doctor', '--json'])
  assert.equal(stderr, '')
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] }
  assert.equal(ok, code === 0)
  for (const { verdict, advice } of findings) assert.equal(advice === null, verdict === 'ok')
  return { code, verdicts: Object.fromEntries(findings.map(({ topic, verdict }) => [topic, verdict])), all: findings }
}

test('a server and a store as they should be are all ok, with exit code 0', async () => {
  await using server = await serverWithStore(GOOD)
  const { code, verdicts } = await ask(['--store', server.url])
  const topics = [
    'server',
    'persistence',
    'eviction',
    'memory',
    'replicas',
    'cluster',
    'acl',
    'partitions',
    'log 0',
    'jobs',
    'sweeper',
  ]
  assert.deepEqual(verdicts, Object.fromEntries(topics.map((topic) => [topic, 'ok'])))
  assert.equal(code, 0)
  const { stdout } = await runCli(['--store', server.url, 'doctor'])
  assert.match(stdout, /ok +persistence +appendonly yes, appendfsync always: every acknowledged write survives/)
  assert.match(stdout, /✓ The promises hold/)
})

test('a replica is refused, and its primary sees how far it is', async () => {
  await using primary = await serverWithStore(GOOD)
  await tell(primary, (redis) => redis.config('SET', 'repl-diskless-sync-delay', '0'))
  await using replica = await startRedis({ args: [...GOOD, '--replicaof', '127.0.0.1', String(primary.port)] })
  await eventually(async () => {
    const { all } = await ask(['--store', primary.url])
    assert.match(
      all.find(({ topic }) => topic === 'replicas')?.found ?? '',
      /127\.0\.0\.1:\d+ online, \d+ s and \d+ bytes/,
    )
  })
  const { code, verdicts } = await ask(['--store', replica.url])
  assert.deepEqual([code, verdicts['replicas']], [1, 'fail'])
})

test('where CONFIG is refused, INFO answers what it can, and the rest is unknown', async () => {
  await using server = await serverWithStore(GOOD)
  await tell(server, (redis) => redis.acl('SETUSER', 'guest', 'on', '>pass', '~*', '+@all', '-config'))
  const { code, all, verdicts } = await ask(['--store', `redis://guest:pass@127.0.0.1:${server.port}`])
  assert.deepEqual(
    [code, verdicts['persistence'], verdicts['eviction'], verdicts['memory']],
    [0, 'unknown', 'ok', 'ok'],
  )
  assert.match(all.find(({ topic }) => topic === 'persistence')?.found ?? '', /appendonly yes; CONFIG is refused/)
})

test('a store under another prefix, or with other partitions, is told', async () => {
  await using server = await serverWithStore(GOOD)
  const [elsewhere, other] = await Promise.all([
    ask(['--store', server.url, '--prefix', 'none']),
    ask(['--store', server.url, '--partitions', '4']),
  ])
  assert.deepEqual([elsewhere.code, elsewhere.verdicts['partitions']], [0, 'warn'])
  assert.deepEqual([other.code, other.verdicts['partitions']], [1, 'fail'])
  await tell(server, async (redis) => assert.deepEqual(await redis.keys('{none:*'), []))
})

test('a Cluster is looked at node by node, and its store partition by partition', async () => {
  await using server = await startRedis({
    args: [...GOOD, '--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
  })
  await tell(server, async (redis) => {
    await redis.cluster('ADDSLOTSRANGE', 0, 16_383)
    await eventually(async () => assert.match(await redis.cluster('INFO'), /cluster_state:ok/))
  })
  const { code, all, verdicts } = await ask(['--store', server.url])
  assert.match(all.find(({ topic }) => topic === 'cluster')?.found ?? '', /all slots are served/)
  assert.deepEqual([code, verdicts['cluster'], verdicts['partitions']], [0, 'ok', 'warn'])
})

test('an SQLite file as it should be is all ok', async () => {
  const place = await sqlitePlace()
  await fill(place, async (store) => {
    await createMany(store, 3)
  })
  const { code, verdicts } = await ask(place.args)
  const topics = ['file', 'integrity', 'journal', 'persistence', 'log', 'sweeper']
  assert.deepEqual(verdicts, Object.fromEntries(topics.map((topic) => [topic, 'ok'])))
  assert.equal(code, 0)
})

test('an SQLite file that is damaged, cut, or of another program is not kept', async () => {
  const broken: [string, (database: Database.Database) => void][] = [
    ['log', (database) => database.exec('DELETE FROM events WHERE seq = 2')],
    ['journal', (database) => database.pragma('journal_mode = DELETE')],
    ['file', (database) => database.pragma('application_id = 1')],
  ]
  for (const [topic, damage] of broken) {
    const place = await sqlitePlace()
    await fill(place, async (store) => {
      await createMany(store, 3)
    })
    const database = new Database((place.args[1] ?? '').replace('sqlite:', ''))
    damage(database)
    database.close()
    const { code, verdicts } = await ask(place.args)
    assert.deepEqual([code, verdicts[topic]], [1, 'fail'])
  }
  const empty = join(temporaryFolder(), 'empty.db')
  writeFileSync(empty, '')
  assert.equal((await ask(['--store', `sqlite:${empty}`])).verdicts['file'], 'fail')
})

test('an SQLite store that is told to sync less is warned of', async () => {
  const place = await sqlitePlace()
  await fill(place, (store) => store.create(aJob()))
  const { code, stdout } = await runCli([...place.args, 'doctor'], { env: { SQLITE_SYNCHRONOUS: 'normal' } })
  assert.match(stdout, /warn +persistence +synchronous normal.*not a power cut/)
  assert.equal(code, 0)
})

test.run()
