import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { JobStore } from '../../src/contract.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, textOf } from '../contract/jobs.ts'
import { startFixture } from '../support/children.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import type { RebuildOrder } from './fixtures/rebuild-until-killed.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { Ledger } from './harness/ledger.ts'
import { newPlace } from './harness/place.ts'
import { giveCommands } from './harness/traffic.ts'
import { forgetLeases, nameOf, openAny, type AnyPlace } from './support/any-place.ts'
import { corrupt, loseState } from './support/corruption.ts'
import { killAtStep } from './support/kill-at-step.ts'

const JOBS = 1500
/** In every so many rounds, nothing is left but the log; in the others, writers go on. */
const LOST_EVERY = 2

faultTest({
  name: 'rebuild',
  promises: ['P12'],
  /** Projectors that are killed, half of them on Redis, half on SQLite. */
  amount: { short: 4, long: 100 },
  floor: (amount) => Math.ceil(amount / 2),
  mutants: ['a rebuild leaves the counts as they are', 'a lost state is taken for an empty store'],
  run: killProjectors,
})

async function killProjectors(context: ScenarioContext): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-rebuild-'))
  const outcome = { hits: 0, violations: [] as string[] }
  let commands = 0
  try {
    for (const place of [newPlace(await sharedRedis(), 1), { path: join(folder, 'jobs.db') }]) {
      const trial = await Trial.at(place, context)
      for (let round = 1; round <= Math.ceil(context.amount / 2); round++) await trial.go(round, outcome)
      commands += trial.commands
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return { ...outcome, figures: `${context.amount} projectors killed, ${commands} commands meanwhile` }
}

/** Rounds of damage, a rebuild that is killed, and another that completes it. */
class Trial {
  commands = 0
  readonly #place: AnyPlace
  readonly #context: ScenarioContext
  /** Of jobs that no writer touches. */
  readonly #users = new Map<string, string>()
  /** That a rebuild reports. */
  #steps = 0

  private constructor(place: AnyPlace, context: ScenarioContext) {
    this.#place = place
    this.#context = context
    for (let index = 0; index < JOBS; index++) this.#users.set(`still-${index}`, `still-${index % 20}`)
  }

  static async at(place: AnyPlace, context: ScenarioContext): Promise<Trial> {
    const trial = new Trial(place, context)
    await using store = await openAny(place, context.build)
    const ids = [...trial.#users.keys()]
    await Promise.all([...trial.#users].map(([id, userId]) => store.create(aJob({ id, userId, large: textOf(100) }))))
    await Promise.all(ids.map((id) => store.updateStatus(id, 'queued')))
    await store.rebuild({ onProgress: () => trial.#steps++ })
    return trial
  }

  async go(round: number, outcome: Outcome): Promise<void> {
    const { build, random } = this.#context
    const isLost = round % LOST_EVERY === 0
    const where = `P12: ${nameOf(this.#place)}, round ${round}`
    const stop = isLost ? null : await this.#startWriter(`live-${round}`)
    await (isLost ? loseState(this.#place) : corrupt(this.#place, this.#users, random))
    if (await this.#rebuildAndKill()) outcome.hits++
    await forgetLeases(this.#place)
    await using successor = await openAny(this.#place, build)
    if (isLost && !(await isRefusedOrWhole(successor)))
      outcome.violations.push(`${where}: half a state was not refused`)
    await successor.rebuild()
    const failed = (await stop?.()) ?? []
    const { drift } = await successor.verify()
    outcome.violations.push(
      ...[...failed, ...drift.map((one) => JSON.stringify(one))].map((what) => `${where}: ${what}`),
    )
    await assertStateIsFold(successor, Infinity).catch((error: Error) =>
      outcome.violations.push(`${where}: ${error.message}`),
    )
  }

  #rebuildAndKill(): Promise<boolean> {
    const { build, random } = this.#context
    const order: RebuildOrder = { place: this.#place, build }
    const child = startFixture(new URL('fixtures/rebuild-until-killed.ts', import.meta.url), JSON.stringify(order))
    return killAtStep(child, 1 + Math.floor(random() * this.#steps), random)
  }

  /** @returns what stops it, and gives the commands that failed */
  async #startWriter(name: string): Promise<() => Promise<string[]>> {
    const { build, random } = this.#context
    const store = await openAny(this.#place, build)
    const ledger = new Ledger(name)
    const end = new AbortController()
    const traffic = { jobsOf: name, commands: Infinity, paceMs: 5, patienceMs: 30_000 }
    const given = giveCommands(store, ledger, { ...traffic, signal: end.signal, random })
    return async () => {
      end.abort()
      await given
      await store.close()
      this.commands += ledger.entries.length
      return ledger.entries
        .filter(({ told, code }) => told === 'unknown' || (told === 'rejected' && code !== 'JOB_ALREADY_EXISTS'))
        .map(({ mark, told, code }) => `${mark} was ${told} (${String(code)})`)
    }
  }
}

/** A state that a rebuild has not brought back altogether is not to be taken for one. Of rows nothing says that they are missing. */
async function isRefusedOrWhole(store: JobStore<AnyJob>): Promise<boolean> {
  try {
    return (await store.verify()).ok || (await store.stats()).backend === 'sqlite'
  } catch (error) {
    return (error as { code?: string }).code === 'PROJECTION_LOST'
  }
}
