import assert from 'node:assert/strict'
import { mkdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { Redis } from 'ioredis'

import { aJob } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { Ledger } from './harness/ledger.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt } from './harness/place.ts'

/** Of the store that is to be refused, and of the one that is to wait until the fault is over. */
const [SHORT_MS, LONG_MS] = [1500, 20_000]
/** How long a fault lasts that a call outlives. */
const FAULT_MS = 300

/** A way in which a server takes no writes. */
interface Refusal {
  name: string
  /** 'rejected': refused at once or by the deadline, and told so. 'applied': tried again until the fault is over. */
  expected: 'rejected' | 'applied'
  begin(server: RedisServer): Promise<unknown>
  end(server: RedisServer): Promise<unknown>
}

const REFUSALS: readonly Refusal[] = [
  {
    name: 'NOREPLICAS',
    expected: 'rejected',
    begin: (server) => tell(server, (redis) => redis.config('SET', 'min-replicas-to-write', '1')),
    end: (server) => tell(server, (redis) => redis.config('SET', 'min-replicas-to-write', '0')),
  },
  {
    name: 'OOM',
    expected: 'rejected',
    begin: (server) => tell(server, (redis) => redis.config('SET', 'maxmemory', '1')),
    end: (server) => tell(server, (redis) => redis.config('SET', 'maxmemory', '0')),
  },
  { name: 'MISCONF', expected: 'rejected', begin: failToSave, end: saveAgain },
  {
    name: 'NOPERM',
    expected: 'rejected',
    begin: (server) => tell(server, (redis) => redis.call('ACL', 'SETUSER', 'default', '-eval', '-evalsha')),
    end: (server) => tell(server, (redis) => redis.call('ACL', 'SETUSER', 'default', '+@all')),
  },
  { name: 'no server', expected: 'rejected', begin: killAndWait, end: (server) => server.start() },
  { name: 'READONLY', expected: 'applied', begin: (server) => follow(server, 'yes'), end: unfollow },
  { name: 'MASTERDOWN', expected: 'applied', begin: (server) => follow(server, 'no'), end: unfollow },
  { name: 'BUSY', expected: 'applied', begin: keepBusy, end: stopBusy },
]

faultTest({
  name: 'error classes',
  promises: ['P5'],
  // Rounds of all kinds of errors.
  amount: { short: 1, long: 20 },
  floor: (amount) => amount * REFUSALS.length,
  mutants: ['a refusal is called unknown', 'a failover is taken for a refusal'],
  run: refuse,
})

/** Hits are the calls that met the fault: that were refused, or ended only after it. */
async function refuse({ amount, build }: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis({ appendOnly: 'always', args: ['--busy-reply-threshold', '50'] })
  const place = newPlace(server, 1)
  const ledger = new Ledger('client')
  await using quick = await openAt(place, { build, retryForMs: SHORT_MS })
  await using patient = await openAt(place, { build, retryForMs: LONG_MS })
  await patient.create(aJob({ id: 'a' }))
  const violations: string[] = []
  let hits = 0
  for (let round = 0; round < amount; round++)
    for (const { name, expected, begin, end } of REFUSALS) {
      const store = expected === 'rejected' ? quick : patient
      await eventually(() => store.findById('a'), { timeoutMs: LONG_MS })
      await begin(server)
      const given = ledger.give('a', (options) => store.updateProgress('a', { percent: round % 101 }, options))
      if (expected === 'rejected') await given
      else await delay(FAULT_MS)
      const [entry] = ledger.entries.slice(-1)
      if (entry?.told === 'rejected' || entry?.told === 'pending' || entry?.told === 'unknown') hits++
      await end(server)
      await given
      const told = entry?.told === 'acknowledged' ? 'applied' : entry?.told
      if (told !== expected) violations.push(`P5: ${name}: ${told} (${entry?.code}) instead of ${expected}`)
    }
  violations.push(...(await inspect(place, ledger.entries)).violations)
  return { hits, violations, figures: `${REFUSALS.map(({ name }) => name).join(', ')}: ${amount} times each` }
}

/** A folder stands where the file is to be: saving fails, and Redis takes no more writes. */
async function failToSave(server: RedisServer): Promise<void> {
  rmSync(join(server.dir, 'dump.rdb'), { force: true })
  mkdirSync(join(server.dir, 'dump.rdb'))
  await tell(server, async (redis) => {
    await redis.config('SET', 'save', '3600 1000000')
    await redis.bgsave()
    await eventually(async () => assert.match(await redis.info('persistence'), /rdb_last_bgsave_status:err/), {
      timeoutMs: LONG_MS,
    })
  })
}

async function saveAgain(server: RedisServer): Promise<void> {
  rmdirSync(join(server.dir, 'dump.rdb'))
  await tell(server, async (redis) => {
    await redis.bgsave()
    await eventually(async () => assert.match(await redis.info('persistence'), /rdb_last_bgsave_status:ok/), {
      timeoutMs: LONG_MS,
    })
    await redis.config('SET', 'save', '')
  })
}

/** The clients must have noticed: what is sent into a connection that is dying is unknown. */
async function killAndWait(server: RedisServer): Promise<void> {
  await server.kill()
  await delay(FAULT_MS)
}

/** Makes it a replica of nobody who is there. */
async function follow(server: RedisServer, servesStaleData: 'yes' | 'no'): Promise<void> {
  const port = await freePort()
  await tell(server, async (redis) => {
    await redis.config('SET', 'replica-serve-stale-data', servesStaleData)
    await redis.replicaof('127.0.0.1', port)
  })
}

function unfollow(server: RedisServer): Promise<void> {
  return tell(server, (redis) => redis.replicaof('NO', 'ONE'))
}

/** A script of somebody else's that does not end. */
async function keepBusy(server: RedisServer): Promise<void> {
  const somebody = plainClient(server)
  somebody
    .eval('while true do end', 0)
    .catch(() => {})
    .finally(() => somebody.disconnect())
  await delay(FAULT_MS)
}

async function stopBusy(server: RedisServer): Promise<void> {
  const somebody = plainClient(server)
  await somebody.script('KILL')
  somebody.disconnect()
}

/** Asks nothing when it connects, which a busy server would refuse. */
function plainClient(server: RedisServer): Redis {
  return new Redis(server.url, { enableReadyCheck: false, retryStrategy: () => null }).on('error', () => {})
}
