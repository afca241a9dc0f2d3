import { createInterface } from 'node:readline/promises'

import type { Context } from './context.ts'
import { UsageError } from './exit-codes.ts'
import { printable } from './terminal/text.ts'

/**
 * Asks before something is changed or deleted. On a terminal the user says yes; where nobody can be asked, --yes must
 * have said it.
 * @param what is about to be done, as a sentence
 * @throws UsageError if it was not confirmed
 */
export async function confirm({ surroundings, isConfirmed }: Context, what: string): Promise<void> {
  const { stdin, stderr, signal } = surroundings
  if (isConfirmed) return
  const question = printable(what)
  if (!stdin.isTTY || !stderr.isTTY)
    throw new UsageError(`${question} Nobody can be asked here: give --yes if that is what you want. Nothing was done.`)
  const terminal = createInterface({ input: stdin, output: stderr })
  try {
    const answer = await terminal.question(`${question} Go on? [y/N] `, { signal })
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new UsageError('Nothing was done.')
  } finally {
    terminal.close()
  }
}
