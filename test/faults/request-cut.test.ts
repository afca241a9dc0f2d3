import { aJob } from '../contract/jobs.ts'
import { startRedis } from '../support/redis-server.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { Ledger } from './harness/ledger.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt, type Place } from './harness/place.ts'
import { givenUp } from './harness/traffic.ts'

const RETRY_FOR_MS = 20_000
/** Clients that are cut at the same time, since each cut costs a client a tenth of a second. */
const CLIENTS = 8

faultTest({
  name: 'request cut in the middle',
  promises: ['P3', 'P4'],
  // The request has fewer bytes than that: each is cut at.
  amount: { short: 48, long: 1200 },
  floor: (amount) => Math.floor(amount * 0.95),
  mutants: ['a batch that comes again is applied again'],
  run: cutRequests,
})

async function cutRequests(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  const place = newPlace(server, 1)
  const each = Math.ceil(context.amount / CLIENTS)
  const clients = Array.from({ length: CLIENTS }, (_, client) => {
    const fractions = Array.from({ length: each }, (__, cut) => (client + cut * CLIENTS) / (each * CLIENTS - 1))
    return cutOne(context, place, server.port, `client-${client}`, fractions)
  })
  const cuts = await Promise.all(clients)
  const entries = cuts.flatMap(({ ledger }) => ledger.entries)
  const { violations } = await inspect(place, entries)
  violations.push(...givenUp({ entries }))
  const bytes = Math.max(...cuts.map((cut) => cut.bytes))
  const hits = cuts.reduce((sum, cut) => sum + cut.hits, 0)
  return { hits, violations, figures: `${hits} cuts in a request of ${bytes} bytes` }
}

/** The same batch again and again, each time cut after another part of it: 0 nothing, 1 the whole, with its reply lost. */
async function cutOne(
  { build }: ScenarioContext,
  place: Place,
  port: number,
  name: string,
  fractions: readonly number[],
): Promise<{ ledger: Ledger; hits: number; bytes: number }> {
  await using proxy = await TcpProxy.to(port)
  const target = `redis://127.0.0.1:${proxy.port}`
  await using store = await openAt(place, { build, target, retryForMs: RETRY_FOR_MS })
  const ledger = new Ledger(name)
  await ledger.give(name, (options) => store.create(aJob({ id: name }), options))
  let bytes = 0
  for (const [cut, fraction] of fractions.entries()) {
    let isDone = false
    proxy.cutRequestsTo((request) => {
      if (isDone || !request.includes('evalsha')) return null
      isDone = true
      bytes = request.length
      return Math.round(fraction * request.length)
    })
    void ledger.give(name, (options) => store.updateStatus(name, cut % 2 === 0 ? 'queued' : 'processing', options))
    void ledger.give(`${name}-${cut}`, (options) => store.create(aJob({ id: `${name}-${cut}` }), options))
    void ledger.give(name, (options) => store.updateProgress(name, { percent: cut % 101 }, options))
    await ledger.settled(RETRY_FOR_MS + 5000)
  }
  return { ledger, hits: proxy.requestsCut, bytes }
}
