import { suite } from 'uvu'

import { contractOf } from '../contract/index.ts'
import type { StoreFactory } from '../contract/harness.ts'

/** Runs the whole contract against one backend, in uvu. */
export function runContract(backend: string, factory: StoreFactory): void {
  for (const { name, tests } of contractOf(factory)) {
    const register = suite(`${backend}: ${name}`)
    for (const test of tests) register(test.name, test.run)
    register.run()
  }
}
