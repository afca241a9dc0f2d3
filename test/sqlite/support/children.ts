import type { ChildProcess } from 'node:child_process'

import { startFixture as start } from '../../support/children.ts'

/** Starts one of the programs in test/sqlite/fixtures. */
export function startFixture(name: string, ...parameters: string[]): ChildProcess {
  return start(new URL(`../fixtures/${name}`, import.meta.url), ...parameters)
}
