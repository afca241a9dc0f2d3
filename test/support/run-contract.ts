import { suite } from 'uvu'

import { contractOf } from '../contract/index.ts'
import type { NamedTest, StoreFactory } from '../contract/harness.ts'
import { readForm } from '../faults/harness/form.ts'

/** Runs the contract against one backend, in uvu. @param forTheLongForm see suitesOf() */
export function runContract(backend: string, factory: StoreFactory, forTheLongForm: readonly string[] = []): void {
  for (const { name, tests } of suitesOf(factory, forTheLongForm)) {
    const register = suite(`${backend}: ${name}`)
    for (const test of tests) register(test.name, test.run)
    register.run()
  }
}

/**
 * The contract's suites for one backend.
 * @param forTheLongForm names of suites that other backends try as well: left out, unless JOBLEDGER_FAULTS=long
 */
export function suitesOf(
  factory: StoreFactory,
  forTheLongForm: readonly string[],
): { name: string; tests: NamedTest[] }[] {
  const suites = contractOf(factory)
  const unknown = forTheLongForm.filter((name) => !suites.some((one) => one.name === name))
  if (unknown.length > 0) throw new Error(`the contract has no suite ${unknown.join(', ')} to leave out`)
  return readForm().isLong ? suites : suites.filter(({ name }) => !forTheLongForm.includes(name))
}
