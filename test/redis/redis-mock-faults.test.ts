import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'

import RedisMock from 'ioredis-mock'
import { suite } from 'uvu'

import { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import { assertRejects } from '../contract/assertions.ts'
import { eventually } from '../support/eventually.ts'

/**
 * Why a bare ioredis-mock can't hold the store, one probe a fault, each of which is mended in
 * test/support/redis-mock/mended-redis-mock.ts. A probe that fails says that the mock has learnt it: then take the
 * repair out.
 */
const test = suite('A bare ioredis-mock')

type Mock = InstanceType<typeof RedisMock>

function aMock(): Mock {
  return new RedisMock({ db: randomInt(2 ** 32) })
}

/** What a script gives on a mock. */
async function run(redis: Mock, lua: string, ...args: (string | Buffer)[]): Promise<unknown> {
  redis.defineCommand('probe', { numberOfKeys: 1, lua })
  return (redis as unknown as { probe(...given: unknown[]): Promise<unknown> }).probe('key', ...args)
}

test('is refused by the store at once, and the error says why', async () => {
  const store = new RedisJobStore(aMock())
  await assertRejects(() => store.ready(), 'INVALID_CONFIG')
  await store.close()
})

test('has no status to tell whether it is connected', () => {
  assert.equal(aMock().status, undefined)
})

test('gives its defined commands no variant that replies in Buffers', () => {
  const redis = aMock()
  redis.defineCommand('probe', { numberOfKeys: 1, lua: 'return 1' })
  assert.equal('probeBuffer' in redis, false)
})

test('gives its Lua a Buffer as an object, which no text equals', async () => {
  assert.equal(await run(aMock(), 'return type(ARGV[1])', Buffer.from('text')), 'userdata')
})

test('loses bytes of its Lua that are no UTF-8', async () => {
  const reply = await run(aMock(), "return '\\193@'").catch(() => 'an error')
  assert.notDeepEqual(Buffer.from(String(reply), 'latin1'), Buffer.from([0xc1, 0x40]))
})

test('takes a missing value in a list for true', async () => {
  const lua = "return redis.call('HMGET', KEYS[1], 'missing')[1] and 'true' or 'false'"
  assert.equal(await run(aMock(), lua), 'true')
})

test('gives pcall no err', async () => {
  assert.equal(await run(aMock(), "return redis.pcall('NOSUCH').err and 'err' or 'none'"), 'none')
})

test('numbers a list in a list from 0', async () => {
  const lua = "redis.call('XADD', KEYS[1], '*', 'f', 'v') return redis.call('XRANGE', KEYS[1], '-', '+')[1][0]"
  assert.equal(typeof (await run(aMock(), lua)), 'string')
})

test('makes ids of stream entries that say no time', async () => {
  assert.equal(await aMock().xadd('key', '*', 'f', 'v'), '1-0')
})

test('finds no stream entry by its id, nor those after one', async () => {
  const redis = aMock()
  for (let time = 1; time <= 3; time++) await redis.xadd('key', '*', 'f', 'v')
  assert.deepEqual(await redis.xrange('key', '2-0', '2-0'), [])
  assert.deepEqual(await redis.xrange('key', '(2-0', '+'), [])
})

test('trims no stream', () => {
  const redis = aMock()
  assert.throws(() => redis.xtrim('key', 'MINID', '3-0'), /Unsupported command/)
})

test('has a clock that goes back and forth: its microseconds are not those of its seconds', async () => {
  const redis = aMock()
  await eventually(async () => {
    const [seconds, microseconds] = (await redis.time()).map(Number) as [number, number]
    assert.ok(Math.abs(seconds * 1000 + microseconds / 1000 - Date.now()) > 100)
  })
})

test('calls itself a Redis of 7 or later, and can not read the #!lua of their scripts', async () => {
  const redis = aMock()
  assert.match(await redis.info(), /^redis_version:([7-9]|\d\d)/m)
  await assert.rejects(run(redis, '#!lua\nreturn 1'))
})

test('copies a whole key at each touch', async () => {
  const redis = aMock()
  await redis.zadd('key', 1, 'member')
  const { data } = redis as unknown as { data: { get(key: string): unknown } }
  assert.notEqual(data.get('key'), data.get('key'))
})

test.run()
