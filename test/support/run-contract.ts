import { suite } from 'uvu'

import { contractOf } from '../contract/index.ts'
import type { StoreFactory } from '../contract/harness.ts'

/**
 * Runs the contract against one backend, in uvu.
 * @param without suites that are left out, by their names
 */
export function runContract(backend: string, factory: StoreFactory, without: readonly string[] = []): void {
  const suites = contractOf(factory)
  const unknown = without.filter((name) => !suites.some((one) => one.name === name))
  if (unknown.length > 0) throw new Error(`the contract has no suite ${unknown.join(', ')} to leave out`)
  for (const { name, tests } of suites) {
    if (without.includes(name)) continue
    const register = suite(`${backend}: ${name}`)
    for (const test of tests) register(test.name, test.run)
    register.run()
  }
}
