import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import { time } from '../../src/cli/runner.ts'
import { aFullJob } from '../contract/jobs.ts'
import { freePort } from '../support/free-port.ts'
import { startRedis } from '../support/redis-server.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { fill, PLACES, redisPlace, sqlitePlace, temporaryFolder } from './support/places.ts'
import { runCli, startCli } from './support/run-cli.ts'

const test = suite('Using the command line')

test('the help names all commands, the store, and the exit codes; without a command it is an error', async () => {
  const [help, ofCommand, none] = await Promise.all([runCli(['--help']), runCli(['history', '-h']), runCli([])])
  const commands = 'get list history tail stats serve verify rebuild compact purge migrate export import doctor'.split(
    ' ',
  )
  for (const command of commands) assert.match(help.stdout, new RegExp(`^  ${command} `, 'm'))
  assert.match(help.stdout, /JOB_STORE_TYPE[^]*Exit codes[^]*0 [^]*1 [^]*2 [^]*3 /)
  assert.match(ofCommand.stdout, /--as-of[^]*--store/)
  assert.deepEqual([help.code, ofCommand.code, none.code, help.stderr], [0, 0, 2, ''])
})

test('the version is the one of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  assert.deepEqual(await runCli(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
})

test('what can not be understood is exit code 2, and says what was expected', async () => {
  const store = ['--store', 'sqlite:jobs.db']
  const wrong: [string[], RegExp][] = [
    [['nonsense'], /unknown command/],
    [[...store, 'get'], /missing required argument/],
    [[...store, 'get', 'a', '--nonsense'], /unknown option/],
    [[...store, 'list', 'ann', '--limit', 'many'], /whole number from 1/],
    [[...store, 'history', 'a', '--as-of', 'yesterday'], /a version .*, a time .* or an event/],
    [[...store, 'history', 'a', '--as-of', '2026-13-45'], /a time like/],
    [[...store, 'history', 'a', '--as-of', '2026-06-31T12:00+01:00'], /a time like/],
    [[...store, 'compact'], /--before/],
    [[...store, 'compact', '--before', '2026-02-29'], /a time like/],
    [[...store, 'compact', '--before', '2026-02-31 12:00'], /a time like/],
    [[...store, 'tail', '--type', 'created,nonsense'], /one or more of created,/],
    [[...store, 'serve', '--port', '65536'], /whole number from 0 to 65535/],
    [[...store, 'serve', '--host', '0.0.0.0'], /set JOBLEDGER_TOKEN/],
    [[...store, '--prefix', 'p', 'stats'], /go with Redis/],
    [['--store', 'mysql://localhost', 'stats'], /redis:\/\/host:port, redis\+sentinel:.*, or sqlite:path/],
    [['--store', 'redis://host:port', 'stats'], /^--store: .*a URL like/],
    [['--store', 'sqlite::memory:', 'stats'], /^--store: .*outlives/],
    [[...store, 'migrate', '--to', 'http://x'], /^--to: /],
    [[...store, 'migrate', '--to', 'redis://host:port'], /^--to: /],
    [[...store, 'migrate', '--to', 'sqlite::memory:'], /^--to: /],
    [[...store, 'migrate', '--to', 'sqlite:b.db', '--to-prefix', 'p'], /^--to-prefix and --to-partitions go with/],
  ]
  const runs = await Promise.all(wrong.map(([args]) => runCli(args)))
  for (const [index, { code, stdout, stderr }] of runs.entries()) {
    assert.match(stderr, wrong[index]?.[1] as RegExp)
    assert.deepEqual([code, stdout], [2, ''], stderr)
  }
})

test('a day that exists is taken, whatever its zone makes of it', async () => {
  for (const [text, expected] of [
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2026-01-01T00:30+01:00', '2025-12-31T23:30:00.000Z'],
    ['2026-02-28T24:00', '2026-03-01T00:00:00.000Z'],
  ] as const)
    assert.equal(time(text).toISOString(), expected)
})

test('without a store, or with one in memory, it says how to name one', async () => {
  const [none, memory, wrong] = await Promise.all([
    runCli(['stats']),
    runCli(['stats'], { env: { JOB_STORE_TYPE: 'memory' } }),
    runCli(['stats'], { env: { JOB_STORE_TYPE: 'mongo' } }),
  ])
  for (const { code, stderr } of [none, memory]) {
    assert.equal(code, 2)
    assert.match(stderr, /gone with its process. Give --store redis:.*JOB_STORE_TYPE/)
  }
  assert.match(wrong.stderr, /JOB_STORE_TYPE: expected memory, sqlite, redis/)
  assert.equal(wrong.code, 2)
})

test('the store of the environment is the one that getJobStore() opens; --store wins', async () => {
  const place = await sqlitePlace()
  await fill(place, (store) => store.ready())
  const path = place.args[1]?.replace('sqlite:', '') ?? ''
  const redis = await redisPlace()
  await fill(redis, (store) => store.ready())
  const [url = '', prefix = ''] = [redis.args[1], redis.args[3]]
  const inFile = { JOB_STORE_TYPE: 'sqlite', SQLITE_PATH: path }
  const inRedis = { JOB_STORE_TYPE: 'redis', REDIS_URL: url, JOB_STORE_PREFIX: prefix }
  const [file, server, option] = await Promise.all([
    runCli(['stats', '--json'], { env: inFile }),
    runCli(['stats', '--json'], { env: inRedis }),
    runCli([...redis.args, 'stats', '--json'], { env: inFile }),
  ])
  const backends = [file, server, option].map(({ stdout, stderr }) => JSON.parse(stdout || stderr).backend)
  assert.deepEqual(backends, ['sqlite', 'redis', 'redis'])
})

test('a store that is not there is exit code 3, and none is made', async () => {
  const path = join(temporaryFolder(), 'none.db')
  const prefix = randomPrefix()
  const { url } = await sharedRedis()
  const runs = await Promise.all([
    runCli(['--store', `sqlite:${path}`, 'stats']),
    runCli(['--store', `sqlite:${path}`, 'doctor']),
    runCli(['--store', url, '--prefix', prefix, 'get', 'a']),
    runCli(['--store', url, '--prefix', prefix, 'purge', '--dry-run']),
  ])
  for (const { code, stdout, stderr } of runs) {
    assert.match(stderr, /There is no (SQLite file|job store)/)
    assert.deepEqual([code, stdout], [3, ''])
  }
  assert.equal(existsSync(path), false)
  const redis = new Redis(url)
  assert.deepEqual(await redis.keys(`*${prefix}*`), [])
  redis.disconnect()
})

test('an empty file is no store and no archive, and stays empty; import fills it', async () => {
  const empty = join(temporaryFolder(), 'empty.db')
  writeFileSync(empty, '')
  const place = await sqlitePlace()
  await fill(place, (store) => store.create(aFullJob({ userId: 'ann' })))
  const runs = await Promise.all([
    runCli(['--store', `sqlite:${empty}`, 'stats']),
    runCli(['--store', `sqlite:${empty}`, 'rebuild', '--yes']),
    runCli([...place.args, 'history', 'job-1', '--archive', `sqlite:${empty}`]),
  ])
  for (const { code, stdout, stderr } of runs) {
    assert.match(stderr, /There is no (SQLite file|archive)/)
    assert.deepEqual([code, stdout], [3, ''])
  }
  assert.equal((await runCli(['--store', `sqlite:${empty}`, 'doctor'])).code, 1)
  assert.equal(readFileSync(empty, 'utf8'), '')
  const { stdout: log } = await runCli([...place.args, 'export'])
  const imported = await runCli(['--store', `sqlite:${empty}`, 'import', '--yes'], { input: log })
  assert.equal(imported.code, 0, imported.stderr)
})

test('a store that can not be used is exit code 3, and no password is printed', async () => {
  const folder = temporaryFolder()
  const text = join(folder, 'text.db')
  writeFileSync(text, 'no database, but a text that is long enough to be looked at. '.repeat(20))
  const port = await freePort()
  await using server = await startRedis({ args: ['--requirepass', 'right'] })
  const runs = await Promise.all([
    runCli(['--store', `redis://user:s3cret@127.0.0.1:${port}`, 'stats']),
    runCli(['--store', `redis://:s3cret@127.0.0.1:${server.port}`, 'doctor']),
    runCli(['--store', server.url, 'stats']),
    runCli(['--store', `sqlite:${text}`, 'stats']),
    runCli(['--store', `sqlite:${text}`, 'doctor']),
  ])
  for (const { code, stdout, stderr } of runs) {
    assert.match(stderr, /can't be used: .*\.\n$/)
    assert.doesNotMatch(stderr, /s3cret|    at /)
    assert.deepEqual([code, stdout], [3, ''])
  }
})

test('a frozen server is given up on by the deadline', async () => {
  await using server = await startRedis()
  server.pause()
  const { code, stderr } = await runCli(['--store', server.url, 'stats'], { env: { REDIS_RETRY_FOR_MS: '500' } })
  assert.match(stderr, /no answer within 500 ms/)
  assert.equal(code, 3)
  server.resume()
})

test('a cursor of something else is exit code 2', async () => {
  const place = await sqlitePlace()
  await fill(place, (store) => store.ready())
  const { code, stderr } = await runCli([...place.args, 'list', 'ann', '--after', 'elsewhere'])
  assert.match(stderr, /cursor/)
  assert.equal(code, 2)
})

for (const [name, newPlace] of Object.entries(PLACES))
  test(`as a process each command does its work and ends by itself: ${name}`, async () => {
    const place = await newPlace()
    await fill(place, (store) => store.create(aFullJob({ userId: 'ann' })))
    const [file, other] = [join(temporaryFolder(), 'log.jsonl'), await sqlitePlace()]
    const to = ['--to', other.args[1] ?? '']
    const commands = [
      ['get', 'job-1'],
      ['list', 'ann'],
      ['history', 'job-1'],
      ['stats'],
      ['verify'],
      ['rebuild', '--yes'],
      ['compact', '--before', '2001-01-01', '--yes'],
      ['purge', '--yes'],
      ['migrate', ...to, '--yes'],
      ['export', file],
      ['doctor'],
    ]
    // The rest is the same on both.
    for (const command of name === 'redis' ? commands : commands.slice(-3)) {
      const { code, stdout, stderr } = await startCli([...place.args, ...command]).ended
      assert.equal(code, command[0] === 'doctor' ? code : 0, `${command.join(' ')}: ${stderr}`)
      assert.notEqual(stdout, '')
    }
    const log = readFileSync(file, 'utf8')
    const imported = await startCli([...(await newPlace()).args, 'import', '--yes'], { input: log }).ended
    assert.equal(imported.code, 0, imported.stderr)
    const none = await startCli(['get', 'job-1']).ended
    assert.deepEqual([none.code, none.stdout], [2, ''])
  })

test.run()
