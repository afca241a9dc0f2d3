import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { collect } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import { openStore, withConnection } from '../sqlite/support/stores.ts'
import { messageOf, startFixture } from '../support/children.ts'
import type { SqliteWriterOrder } from './fixtures/sqlite-writer.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import type { LedgerEntry } from './harness/ledger.ts'
import { chainFaults, compareWithLog } from './harness/oracles.ts'
import { givenUp } from './harness/traffic.ts'

const WRITERS = 4
/** How long a writer writes before it is killed, at most. */
const MOST_MS = 60
/** Then they begin a new file, so that logs stay short enough to be folded. */
const KILLS_A_FILE = 10

faultTest({
  name: 'SQLite crash and contention',
  promises: ['P20'],
  /** Kills of one of four processes that write to the same jobs of one file. */
  amount: { short: 4, long: 200 },
  floor: (amount) => Math.ceil(amount / 4),
  mutants: ['a batch is no transaction in SQLite', 'a file that is busy is not tried again'],
  run: killWriters,
})

async function killWriters(context: ScenarioContext): Promise<Outcome> {
  const outcome = { hits: 0, violations: [] as string[] }
  let told = 0
  for (let left = context.amount; left > 0; left -= KILLS_A_FILE)
    told += await killOnFile({ ...context, amount: Math.min(left, KILLS_A_FILE) }, outcome)
  return { ...outcome, figures: `${context.amount} kills under ${told} commands` }
}

/** @returns how many commands were told of */
async function killOnFile({ amount, build, random }: ScenarioContext, outcome: Outcome): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-crash-'))
  const path = join(folder, 'jobs.db')
  const all: Writer[] = []
  const start = (): Writer => {
    const name = `writer-${all.length}`
    const writer = new Writer({ path, build, name, seed: random() * 2 ** 31, ledger: join(folder, name) })
    all.push(writer)
    return writer
  }
  const writers = Array.from({ length: WRITERS }, start)
  try {
    for (let kill = 0; kill < amount; kill++) {
      const victim = Math.floor(random() * WRITERS)
      outcome.violations.push(...((await writers[victim]?.killAfter(random() * MOST_MS)) ?? []))
      writers[victim] = start()
      requireSound(path, outcome)
    }
    // All of them at once.
    const wrong = await Promise.all(writers.map((writer) => writer.killAfter(0)))
    outcome.violations.push(...wrong.flat())
    requireSound(path, outcome)
    const ledgers = all.map((writer) => writer.entries())
    outcome.hits += ledgers.filter((entries) => entries.some(({ told }) => told === 'pending')).length
    const told = ledgers.flat().filter((entry) => entry.told !== 'pending')
    await compare(path, told, outcome)
    return told.length
  } finally {
    for (const writer of all) writer.kill()
    rmSync(folder, { recursive: true })
  }
}

/** A process that writes until it is killed. */
class Writer {
  readonly #child: ChildProcess
  readonly #ready: Promise<'ready'>
  readonly #ended: Promise<unknown[]>
  readonly #ledger: string

  constructor(order: SqliteWriterOrder) {
    this.#child = startFixture(new URL('fixtures/sqlite-writer.ts', import.meta.url), JSON.stringify(order))
    this.#ready = messageOf<'ready'>(this.#child)
    this.#ready.catch(() => undefined)
    this.#ended = once(this.#child, 'exit')
    this.#ledger = order.ledger
  }

  /** Kills it when it has written for so long. @returns what is wrong if it was dead by then */
  async killAfter(ms: number): Promise<string[]> {
    await this.#ready.catch(() => {})
    await delay(ms)
    this.kill()
    const [, signal] = await this.#ended
    return signal === 'SIGKILL' ? [] : ['P20: a writer died by itself']
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** What it gave and was told; 'pending' is what its end cut off. */
  entries(): LedgerEntry[] {
    const lines = readFileSync(this.#ledger, 'utf8').split('\n').slice(0, -1)
    return [
      ...new Map(lines.map((line) => JSON.parse(line) as LedgerEntry).map((entry) => [entry.mark, entry])).values(),
    ]
  }
}

function requireSound(path: string, { violations }: Outcome): void {
  const found = withConnection(path, (connection) => connection.pragma('integrity_check', { simple: true }))
  if (found !== 'ok') violations.push(`P20: integrity_check found ${String(found)}`)
}

async function compare(path: string, entries: LedgerEntry[], { violations }: Outcome): Promise<void> {
  const store = openStore(path)
  const events = await collect(store.events())
  violations.push(...compareWithLog(entries, events), ...chainFaults(events), ...givenUp({ entries }))
  violations.push(...(await store.verify()).drift.map((one) => `P20: verify() found ${JSON.stringify(one)}`))
  await assertStateIsFold(store, Infinity).catch((error: Error) => violations.push(`P20: ${error.message}`))
  await store.close()
}
