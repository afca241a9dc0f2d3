import { Redis } from 'ioredis'

import { startRedis } from '../support/redis-server.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { Ledger } from './harness/ledger.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt, type Place } from './harness/place.ts'
import { givenUp, giveCommands } from './harness/traffic.ts'

const RETRY_FOR_MS = 20_000

/** Ways to set a client up that differ in what becomes of a command whose reply is lost. */
const CLIENTS: ((url: string) => string | Redis)[] = [
  (url) => url,
  (url) => new Redis(url),
  (url) => new Redis(url, { autoResendUnfulfilledCommands: false }),
  (url) => new Redis(url, { commandTimeout: 200 }),
]

faultTest({
  name: 'reply dropped',
  promises: ['P4', 'P5'],
  amount: { short: 1600, long: 20_000 },
  floor: (amount) => Math.floor(amount / 25),
  mutants: ['a batch that comes again is applied again', 'a batch is sent again under a new number'],
  run: dropReplies,
})

/** Clients write through a proxy, which loses a third of the replies to what was applied. */
async function dropReplies(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  await using proxy = await TcpProxy.to(server.port)
  const place = newPlace(server, 2)
  proxy.dropRepliesIf((reply) => isApplied(reply) && context.random() < 1 / 3)
  const commands = Math.ceil(context.amount / CLIENTS.length)
  const ledgers = await Promise.all(
    CLIENTS.map((client, index) => {
      const target = client(`redis://127.0.0.1:${proxy.port}`)
      return write(context, place, target, `client-${index}`, commands)
    }),
  )
  const entries = ledgers.flatMap((ledger) => ledger.entries)
  const { violations } = await inspect(place, entries)
  violations.push(...givenUp({ entries }))
  return { hits: proxy.dropped, violations, figures: `${entries.length} commands` }
}

/** What apply.lua answers to a batch that is in the log. */
function isApplied(reply: Buffer): boolean {
  return reply.includes('$4\r\nDONE') || reply.includes('$5\r\nAGAIN')
}

async function write(
  { build, random }: ScenarioContext,
  place: Place,
  target: string | Redis,
  name: string,
  commands: number,
): Promise<Ledger> {
  const ledger = new Ledger(name)
  // Without a listener ioredis prints each error.
  if (typeof target !== 'string') target.on('error', () => {})
  const store = await openAt(place, { build, target, retryForMs: RETRY_FOR_MS })
  await giveCommands(store, ledger, { jobsOf: name, commands, random, patienceMs: RETRY_FOR_MS + 5000 })
  await store.close()
  if (typeof target !== 'string') target.disconnect()
  return ledger
}
