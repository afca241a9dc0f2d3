import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

import { Redis } from 'ioredis'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { eventually } from '../support/eventually.ts'
import { isAlive } from '../support/is-alive.ts'
import { programPath } from '../support/repository.ts'
import { startRedis } from '../support/redis-server.ts'
import { sharedRedis } from '../support/shared-redis.ts'

const test = suite('the redis-server harness')

test('starts servers that answer, and stops and restarts them on the same port', async () => {
  await using server = await startRedis()
  await using other = await startRedis()
  assert.is.not(server.port, other.port)
  assert.is(await ask(server.url, (redis) => redis.ping()), 'PONG')
  await server.stop()
  await assertUnreachable(server.url)
  await server.restart()
  assert.is(await ask(server.url, (redis) => redis.ping()), 'PONG')
})

test('keeps acknowledged writes over SIGKILL and restart with appendOnly always, none without', async () => {
  await using durable = await startRedis({ appendOnly: 'always' })
  await using volatile = await startRedis()
  for (const server of [durable, volatile]) {
    await ask(server.url, (redis) => redis.set('key', 'value'))
    await server.kill()
    await server.restart()
  }
  assert.is(await ask(durable.url, (redis) => redis.get('key')), 'value')
  assert.is(await ask(volatile.url, (redis) => redis.get('key')), null)
})

test('freezes and thaws a server', async () => {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  await redis.ping()
  server.pause()
  const answer = redis.ping()
  const soon = new Promise((resolve) => setTimeout(resolve, 100, 'nothing'))
  assert.is(await Promise.race([answer, soon]), 'nothing')
  server.resume()
  assert.is(await answer, 'PONG')
  redis.disconnect()
})

test('kills a paused server, and says so when a stopped one is used', async () => {
  await using server = await startRedis()
  server.pause()
  await server.kill()
  assert.throws(() => server.pid, /is stopped/)
  assert.throws(() => server.pause(), /is stopped/)
  await server.kill()
  await server.stop()
})

test('hands arguments over, and shows the log of a server that does not start', async () => {
  await using server = await startRedis({ args: ['--maxmemory', '50mb'] })
  assert.equal(await ask(server.url, (redis) => redis.config('GET', 'maxmemory')), ['maxmemory', '52428800'])
  try {
    await startRedis({ args: ['--maxmemory', 'much'] })
    assert.unreachable()
  } catch (error) {
    assert.match(String(error), 'argument must be a memory value')
  }
})

test('shares one server within a process', async () => {
  const [one, two] = await Promise.all([sharedRedis(), sharedRedis()])
  assert.is(one.url, two.url)
  assert.is(await ask(one.url, (redis) => redis.ping()), 'PONG')
})

for (const signal of ['SIGTERM', 'SIGINT', 'none'] as const) {
  test(`leaves no server and no folder behind when the test process ends, by signal: ${signal}`, async () => {
    const harness = pathToFileURL(programPath(new URL('../support/redis-server.ts', import.meta.url))).href
    const program = `import { startRedis } from '${harness}'
      const server = await startRedis()
      console.log(JSON.stringify({ pid: server.pid, dir: server.dir }))
      ${signal === 'none' ? '' : 'setInterval(() => {}, 1000)'}`
    const args = [...process.execArgv, '--input-type=module', '--eval', program]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    const { pid, dir }: { pid: number; dir: string } = JSON.parse(String((await once(child.stdout, 'data'))[0]))
    if (signal !== 'none') child.kill(signal)
    await ended
    await eventually(() => assert.not(isAlive(pid)))
    assert.not(existsSync(dir))
  })
}

async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url)
  try {
    return await question(redis)
  } finally {
    redis.disconnect()
  }
}

async function assertUnreachable(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => undefined)
  await eventually(async () => {
    const refused = await redis.connect().then(
      () => false,
      () => true,
    )
    assert.ok(refused)
  })
  redis.disconnect()
}

test.run()
