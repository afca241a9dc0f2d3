import { createInterface } from 'node:readline/promises'

import type { Context } from './context.ts'
import { UsageError } from './exit-codes.ts'
import { printable } from '../core/printable.ts'

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
  const answer = await ask(stdin, stderr, `${question} Go on? [y/N] `, signal)
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new UsageError('Nothing was done.')
}

/** @returns '' if the input ends without an answer */
async function ask(
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  question: string,
  signal: AbortSignal,
): Promise<string> {
  // Not as a terminal: Ctrl-C stays a signal, which ends the question like everything else.
  const lines = createInterface({ input: stdin, output: stderr, terminal: false })
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  try {
    return await Promise.race([lines.question(question, { signal }), ended])
  } finally {
    lines.close()
  }
}
