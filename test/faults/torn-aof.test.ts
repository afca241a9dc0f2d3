import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { JobStore } from '../../src/contract.ts'
import { collect } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, removing, textOf } from '../contract/jobs.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import { faultTest, type ScenarioContext, type Outcome } from './harness/fault-test.ts'
import { chainFaults } from './harness/oracles.ts'
import { newPlace, openAt } from './harness/place.ts'
import { copyAppendOnlyFile, growingPart, tear, transactionsIn, type Transaction } from './support/append-only-file.ts'

/** Transactions at the file's end that are cut through. */
const TORN = 3

faultTest({
  name: 'torn AOF',
  promises: ['P3'],
  /** Cuts: more than the three transactions have bytes, so every one of these. */
  amount: { short: 12, long: 10_000 },
  floor: (amount) => Math.min(amount, 1000) / 2,
  mutants: ['the expiry queue is kept out of the AOF', 'a transaction that comes back in part is not noticed'],
  run: tearEverywhere,
})

async function tearEverywhere(context: ScenarioContext): Promise<Outcome> {
  const whole = mkdtempSync(join(tmpdir(), 'jobledger-aof-'))
  await using server = await startRedis({ appendOnly: 'always' })
  const place = newPlace(server, 1)
  const open = (): Promise<JobStore<AnyJob>> => openAt(place, { build: context.build, retryForMs: 20_000 })
  try {
    await using store = await open()
    await leaveTransactions(store)
    await store.close()
    await server.kill()
    copyAppendOnlyFile(server.dir, whole)
    const transactions = transactionsIn(readFileSync(growingPart(whole)))
    const cuts = cutsThrough(transactions.slice(-TORN), context)
    const violations: string[] = []
    let hits = 0
    for (const cut of cuts) {
      if (transactions.every(({ to }) => to !== cut)) hits++
      violations.push(...(await startTorn(server, whole, cut, transactions, open)))
    }
    return { hits, violations, figures: `${cuts.length} cuts through ${TORN} transactions` }
  } finally {
    rmSync(whole, { recursive: true })
  }
}

/** Commands of every kind; the last three script calls are a batch that adds, one that moves and ends, and a sweep. */
async function leaveTransactions(store: JobStore<AnyJob>): Promise<void> {
  const ids = Array.from({ length: 12 }, (_, index) => `job-${index}`)
  await Promise.all(ids.map((id) => store.create(aJob({ id, large: textOf(200), small: 1 }))))
  await Promise.all(ids.map((id) => store.update(id, { userId: 'user-2', status: 'failed' })))
  await store.create(aJob({ id: 'due', expiresAt: new Date(1) }))
  await Promise.all([store.create(aJob({ id: 'new', large: textOf(70) })), store.update('job-2', removing('small'))])
  await Promise.all([store.updateStatus('job-3', 'queued', { commandId: 'once' }), store.delete('job-5')])
  await store.purgeExpired()
}

/** @returns so many places inside these transactions and at their ends, or all that there are */
function cutsThrough(torn: readonly Transaction[], { amount, random }: ScenarioContext): number[] {
  const from = torn[0]?.from ?? 0
  const bytes = (torn.at(-1)?.to ?? 0) - from
  if (amount >= bytes) return Array.from({ length: bytes }, (_, index) => from + index)
  return Array.from({ length: amount }, (_, index) => from + Math.floor(((index + random()) * bytes) / amount))
}

/** @returns what is wrong after a start with no more than these bytes of the file */
async function startTorn(
  server: RedisServer,
  whole: string,
  cut: number,
  transactions: readonly Transaction[],
  open: () => Promise<JobStore<AnyJob>>,
): Promise<string[]> {
  copyAppendOnlyFile(whole, server.dir)
  tear(server.dir, cut)
  await server.start()
  try {
    await using store = await open()
    const expected = transactions.filter(({ to }) => to <= cut).reduce((sum, { events }) => sum + events, 0)
    const { events, drift } = await store.verify()
    const wrong = drift.map((one) => JSON.stringify(one))
    if (events !== expected) wrong.push(`${events} events, and ${expected} were whole`)
    await assertStateIsFold(store).catch((error: Error) => wrong.push(error.message))
    await store.updateProgress('job-1', { percent: 20 })
    const after = await store.verify()
    wrong.push(...after.drift.map((one) => `after a write: ${JSON.stringify(one)}`))
    await server.kill()
    await server.start()
    wrong.push(...(await lookAgain(store, after.events)).map((what) => `after a second start: ${what}`))
    return wrong.map((what) => `P3: cut at byte ${cut}: ${what}`)
  } finally {
    await server.kill()
  }
}

/** Redis brings the cut transaction back then, with the write behind it (lua/lib/torn.lua). @returns what is wrong */
async function lookAgain(store: JobStore<AnyJob>, expected: number): Promise<string[]> {
  const changed = await store.updateProgress('job-1', { percent: 30 })
  const wrong = changed?.progress.percent === 30 ? [] : [`a change gave ${JSON.stringify(changed)}`]
  const { events, drift } = await store.verify()
  wrong.push(...drift.map((one) => JSON.stringify(one)))
  if (events !== expected + 1) wrong.push(`${events} events, and there should be ${expected + 1}`)
  const log = await collect(store.events())
  wrong.push(...chainFaults(log))
  await assertStateIsFold(store).catch((error: Error) => wrong.push(error.message))
  return wrong
}
