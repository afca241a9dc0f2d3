import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { randomOf, seed as ownSeed } from '../../support/random.ts'
import { isWanted, readForm } from './form.ts'
import { loadPackage, type Package } from './load-package.ts'
import { buildMutant, mutantOf } from './mutated-package.ts'
import { writeRow } from './row.ts'

/** One row of docs/promises.md: a fault, and what must hold all the same. */
export interface Scenario {
  /** The row's name there. */
  name: string
  promises: readonly string[]
  /** How much of it: `short` in `npm test`, and for mutants; `long` in `npm run test:faults`. */
  amount: { short: number; long: number }
  /** How many faults must hit something in flight at least: with fewer the run says nothing, and fails. */
  floor(amount: number): number
  /** Names of mutants.ts: packages that are wrong in one place each, with which the scenario must find violations. */
  mutants: readonly string[]
  run(context: ScenarioContext): Promise<Outcome>
}

/** What a run is given. */
export interface ScenarioContext {
  amount: number
  seed: number
  /** 0 to 1, by the seed. */
  random(): number
  /** Folder of a built, mutated package; null for the sources. For processes of the scenario's own, which loadPackage() it. */
  build: string | null
  /** The package to be tried: every store of the scenario that the mutants are to spoil comes from here. */
  load(): Promise<Package>
}

/** What a run has come to. */
export interface Outcome {
  /** Faults that hit something in flight. */
  hits: number
  /** What was promised and did not hold, a sentence each. */
  violations: string[]
  /** What else was measured, for the table. */
  figures?: string
}

/** At most so many violations are shown; all are counted. */
const SHOWN = 10
/** A mutant must be noticed in one of so many short runs. */
const MUTANT_RUNS = 3

/**
 * Registers a scenario: a test that it is run without a violation while enough faults hit; and, in the long form, a test
 * for each mutant that the same scenario finds it. A mutant is caught by a violation; a run that breaks off proves nothing.
 */
export function faultTest(scenario: Scenario): void {
  if (!isWanted(scenario.name)) return
  const test = suite(`${scenario.promises.join(', ')}: ${scenario.name}`)
  const form = readForm()
  const amount = form.isLong ? Math.max(1, Math.round(scenario.amount.long * form.scale)) : scenario.amount.short
  test(`${scenario.name}: enough faults hit, and no promise breaks`, async () => {
    const startedAt = performance.now()
    const { seed, hits, violations, figures } = await runWith(scenario, amount, null)
    const floor = scenario.floor(amount)
    const seconds = (performance.now() - startedAt) / 1000
    const { name, promises } = scenario
    writeRow({ name, promises, amount, seed, hits, floor, violations, figures, mutants: scenario.mutants, seconds })
    console.log(`\n${name}: SEED=${seed}, ${hits} faults hit (floor ${floor}), ${violations.length} violations`)
    if (figures !== '') console.log(figures)
    assert.deepEqual(violations.slice(0, SHOWN), [], `${violations.length} violations`)
    assert.ok(hits >= floor, `vacuous: only ${hits} faults hit something in flight, at least ${floor} must`)
  })
  for (const mutant of scenario.mutants) mutantOf(mutant)
  if (form.isLong && form.hasMutants) for (const mutant of scenario.mutants) testMutant(test, scenario, mutant)
  test.run()
}

function testMutant(test: ReturnType<typeof suite>, scenario: Scenario, mutant: string): void {
  test(`${scenario.name}: the mutant "${mutant}" is caught`, async () => {
    const build = buildMutant(mutant)
    let first: string | undefined
    // Short runs, in which a machine that is busy may leave too little undone.
    for (let run = 0; run < MUTANT_RUNS && first === undefined; run++)
      [first] = (await runWith(scenario, scenario.amount.short, build, ownSeed + run)).violations
    console.log(`\n${scenario.name}, mutant "${mutant}": ${first ?? 'not caught'}`)
    writeRow({ name: scenario.name, mutant, caughtBy: first ?? null })
    assert.ok(first !== undefined, `with "${mutant}" nothing was violated: the scenario would not notice such a defect`)
  })
}

async function runWith(
  scenario: Scenario,
  amount: number,
  build: string | null,
  seed: number = ownSeed,
): Promise<Required<Outcome> & { seed: number }> {
  const context: ScenarioContext = { amount, seed, random: randomOf(seed), build, load: () => loadPackage(build) }
  return { figures: '', ...(await scenario.run(context)), seed }
}
