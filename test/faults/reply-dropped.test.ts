import { Redis } from 'ioredis'

import { aJob } from '../contract/jobs.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { Ledger } from './harness/ledger.ts'
import { inspect } from './harness/oracles.ts'

const RETRY_FOR_MS = 20_000
const JOBS_A_CLIENT = 4
/** Commands that a client gives without waiting. */
const AT_ONCE = 8
const PARTITIONS = 2

/** Ways to set a client up that differ in what becomes of a command whose reply is lost. */
const CLIENTS: ((url: string) => string | Redis)[] = [
  (url) => url,
  (url) => new Redis(url).on('error', () => {}),
  (url) => new Redis(url, { autoResendUnfulfilledCommands: false }).on('error', () => {}),
  (url) => new Redis(url, { commandTimeout: 200 }).on('error', () => {}),
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
  const place = { url: server.url, prefix: randomPrefix(), partitions: PARTITIONS }
  proxy.dropRepliesIf((reply) => isApplied(reply) && context.random() < 1 / 3)
  const each = Math.ceil(context.amount / CLIENTS.length)
  const ledgers = await Promise.all(
    CLIENTS.map((client, index) => write(context, client(`redis://127.0.0.1:${proxy.port}`), place, each, `${index}`)),
  )
  const entries = ledgers.flatMap((ledger) => ledger.entries)
  const { violations } = await inspect(place, entries)
  const failed = entries.filter(({ told }) => told === 'rejected' || told === 'unknown')
  for (const { mark, told, code } of failed)
    violations.push(`P4: ${mark} ended ${told} (${code}): it was to be tried again`)
  return { hits: proxy.dropped, violations, figures: `${entries.length} commands` }
}

/** What apply.lua answers to a batch that is in the log. */
function isApplied(reply: Buffer): boolean {
  return reply.includes('$4\r\nDONE') || reply.includes('$5\r\nAGAIN')
}

async function write(
  context: ScenarioContext,
  target: string | Redis,
  { prefix, partitions }: { prefix: string; partitions: number },
  commands: number,
  name: string,
): Promise<Ledger> {
  const { RedisJobStore } = await context.load()
  const store = new RedisJobStore<ReturnType<typeof aJob>>(target, {
    prefix,
    partitions,
    sweepIntervalMs: 0,
    retryForMs: RETRY_FOR_MS,
  })
  const ledger = new Ledger(name)
  const ids = Array.from({ length: JOBS_A_CLIENT }, (_, job) => `${name}-${job}`)
  await Promise.all(ids.map((id) => ledger.give(id, (options) => store.create(aJob({ id }), options))))
  for (let sent = ids.length; sent < commands; sent += AT_ONCE) {
    const calls = Array.from({ length: Math.min(AT_ONCE, commands - sent) }, (_, index) => {
      const id = ids[(sent + index) % ids.length] as string
      return ledger.give(id, (options) => store.updateProgress(id, { percent: sent % 101 }, options))
    })
    await Promise.race([Promise.all(calls), ledger.settled(RETRY_FOR_MS + 5000)])
  }
  await store.close()
  if (typeof target !== 'string') target.disconnect()
  return ledger
}
