import type { Redis } from 'ioredis'

import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, textOf } from '../contract/jobs.ts'
import { startRedis } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { Ledger } from './harness/ledger.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt } from './harness/place.ts'

const ROOM_BYTES = 20_000_000
const FILLER_BYTES = 50_000
/** Clients that fill it at the same time. */
const LANES = 8

faultTest({
  name: 'full memory',
  promises: ['P11'],
  /** Rounds of commands while it is full. */
  amount: { short: 100, long: 5000 },
  /** Of two in each round that need memory: what clients and replies take of it comes and goes. */
  floor: (amount) => amount,
  mutants: [
    'a full server takes no deletes',
    'a full server sweeps nothing',
    'a full server opens no store',
    'a full server compacts nothing',
  ],
  run: fillAndGoOn,
})

async function fillAndGoOn(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] })
  const place = newPlace(server, 1)
  const open = (): Promise<JobStore<AnyJob>> => openAt(place, { build: context.build, retryForMs: 20_000 })
  await using store = await open()
  const ledger = new Ledger('client')
  await prepare(store, ledger, context.amount)
  await tell(server, limitMemory)
  const fillers = [...(await fill(store, ledger, 'large', FILLER_BYTES)), ...(await fill(store, ledger, 'small', 100))]
  const trial = new Trial(store, ledger)
  for (let round = 0; round < context.amount; round++) {
    const isFull = await trial.stayFull(round)
    if (!isFull) fillers.push(...(await fill(store, ledger, `${round}`, 100)))
  }
  await trial.askAll()
  const hits = ledger.entries.filter(({ told }) => told === 'rejected').length
  await trial.expect('opens another store', async () => {
    await using other = await open()
    return (await other.findById('job-0'))?.id === 'job-0'
  })
  const { violations } = await inspect(place, ledger.entries)
  for (const { mark, told, code } of ledger.entries)
    if (told === 'unknown' || told === 'nothing') violations.push(`P11: ${mark} ended as ${told} (${String(code)})`)
  await trial.recover(fillers)
  const figures = `${context.amount} rounds while full, ${fillers.length} jobs filled it`
  return { hits, violations: [...violations, ...trial.violations], figures }
}

/** For each round a job to change, one to delete and one that is due. */
async function prepare(store: JobStore<AnyJob>, ledger: Ledger, rounds: number): Promise<void> {
  const past = new Date(1)
  const create = (fields: Partial<AnyJob> & { id: string }): Promise<unknown> =>
    ledger.give(fields.id, (options) => store.create(aJob(fields), options))
  for (let from = 0; from < rounds; from += 100) {
    const numbers = Array.from({ length: Math.min(100, rounds - from) }, (_, index) => from + index)
    await Promise.all(
      numbers.flatMap((number) => [
        create({ id: `job-${number}` }),
        create({ id: `old-${number}`, userId: 'user-2' }),
        create({ id: `due-${number}`, expiresAt: past }),
      ]),
    )
  }
}

async function limitMemory(redis: Redis): Promise<void> {
  const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1])
  await redis.config('SET', 'maxmemory', used + ROOM_BYTES)
}

/** Creates jobs until the server refuses one in each lane. @returns those that it took */
async function fill(store: JobStore<AnyJob>, ledger: Ledger, name: string, bytes: number): Promise<string[]> {
  const filler = textOf(bytes)
  const taken: string[] = []
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    for (let number = 0; ; number++) {
      const id = `filler-${name}-${lane}-${number}`
      const given = await ledger.give(id, (options) => store.create(aJob({ id, userId: 'user-3', filler }), options))
      if (given === null) return
      taken.push(id)
    }
  })
  await Promise.all(lanes)
  return taken
}

/** What must go on while there is no memory, and after. */
class Trial {
  readonly violations: string[] = []
  readonly #store: JobStore<AnyJob>
  readonly #ledger: Ledger

  constructor(store: JobStore<AnyJob>, ledger: Ledger) {
    this.#store = store
    this.#ledger = ledger
  }

  /** Notes a violation unless it is done. */
  async expect(what: string, call: () => Promise<boolean>): Promise<void> {
    const isDone = await call().catch((error: unknown) => String(error))
    if (isDone !== true) this.violations.push(`P11: it no longer ${what}: ${isDone}`)
  }

  /** Commands that are to be refused, in one batch with what is to go on. @returns whether it still refused a new job */
  async stayFull(round: number): Promise<boolean> {
    const store = this.#store
    const [created] = await Promise.all([
      this.#ledger.give(`new-${round}`, (options) => store.create(aJob({ id: `new-${round}` }), options)),
      this.#ledger.give(`job-${round}`, (options) => store.updateStatus(`job-${round}`, 'queued', options)),
      this.expect('deletes', () => this.#delete(`old-${round}`)),
      this.expect('reads', async () => (await store.findById(`job-${round}`)) !== null),
      this.expect('sweeps', async () => (await store.purgeExpired(1)) === 1),
    ])
    return created === null
  }

  /** What sweeps all that is due first. */
  async askAll(): Promise<void> {
    const store = this.#store
    await this.expect('counts', async () => (await store.countByUserId('user-1')) > 0)
    await this.expect('lists', async () => (await store.findByUserId('user-1', { limit: 3 })).length > 0)
  }

  /** Compacts while it is full, deletes what filled it and drops its events: then it takes all again. */
  async recover(fillers: readonly string[]): Promise<void> {
    const store = this.#store
    await this.expect(
      'compacts while it is full',
      async () => (await store.compact({ before: new Date() })).dropped > 0,
    )
    await Promise.all(fillers.map((id) => this.expect('deletes', () => this.#delete(id))))
    await this.expect('compacts', async () => (await store.compact({ before: new Date() })).dropped > 0)
    await this.expect('takes changes', async () => (await store.updateStatus('job-0', 'queued')) !== null)
    await this.expect('takes jobs', async () => (await store.create(aJob({ id: 'after' }))) === undefined)
    await this.expect('is what its log says', async () => (await store.verify()).ok)
  }

  async #delete(id: string): Promise<boolean> {
    return (await this.#ledger.give(id, (options) => this.#store.delete(id, options))) === true
  }
}
