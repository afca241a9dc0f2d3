import { setTimeout as delay } from 'node:timers/promises'

import { startRedis, type RedisServer } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { Ledger } from './harness/ledger.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt } from './harness/place.ts'
import { givenUp, giveCommands } from './harness/traffic.ts'

const CLIENTS = 4
/** More than one call takes, so that several are under way when the scripts are gone. */
const AT_ONCE = 400
const FLUSH_EVERY_MS = 50
const RETRY_FOR_MS = 20_000

faultTest({
  name: 'SCRIPT FLUSH under load',
  promises: ['P4', 'P5'],
  // Commands.
  amount: { short: 8000, long: 400_000 },
  floor: (amount) => Math.floor(amount / 2000),
  mutants: ['batches overtake each other'],
  run: flushScripts,
})

/** Hits are the calls that Redis refused since it had forgotten their script. */
async function flushScripts({ amount, build, random }: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  const place = newPlace(server, 1)
  const writers = Array.from({ length: CLIENTS }, async (_, client) => {
    const name = `client-${client}`
    const ledger = new Ledger(name)
    await using store = await openAt(place, { build, retryForMs: RETRY_FOR_MS })
    await giveCommands(store, ledger, {
      jobsOf: name,
      jobs: 20,
      commands: amount / CLIENTS,
      atOnce: AT_ONCE,
      paceMs: 10,
      random,
      patienceMs: RETRY_FOR_MS + 5000,
    })
    return ledger
  })
  const entries = (await flushWhile(server, Promise.all(writers))).flatMap((ledger) => ledger.entries)
  const hits = await refusals(server)
  const { violations } = await inspect(place, entries)
  violations.push(...givenUp({ entries }))
  return { hits, violations, figures: `${entries.length} commands, ${hits} times NOSCRIPT` }
}

async function flushWhile<R>(server: RedisServer, work: Promise<R>): Promise<R> {
  const stop = new AbortController()
  const flushed = tell(server, async (admin) => {
    while (!stop.signal.aborted) {
      await delay(FLUSH_EVERY_MS)
      await admin.script('FLUSH')
    }
  })
  try {
    return await work
  } finally {
    stop.abort()
    await flushed
  }
}

async function refusals(server: RedisServer): Promise<number> {
  let count = 0
  await tell(server, async (admin) => {
    count = Number(/^errorstat_NOSCRIPT:count=(\d+)/m.exec(await admin.info('errorstats'))?.[1] ?? 0)
  })
  return count
}
