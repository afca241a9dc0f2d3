import type { Surroundings } from './context.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { explain } from './explain.ts'
import { makeProgram } from './program.ts'
import { runnerOf } from './runner.ts'

/**
 * Runs one command line, in whichever process. Never throws: what goes wrong is said on stderr.
 * @param args what was typed behind the program's name
 */
export async function runCommandLine(surroundings: Surroundings, args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.fine
  const run = runnerOf(surroundings, (code) => {
    exitCode = code
  })
  try {
    await makeProgram(surroundings, run).parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return explain(error, surroundings)
  }
}
