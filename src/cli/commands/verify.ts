import type { Command } from 'commander'

import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import { wholeNumber, type Run } from '../runner.ts'
import { printVerifyReport } from '../show/verify-report.ts'
import { withProgress } from '../with-progress.ts'

interface VerifyOptions {
  show: number
}

export function addVerify(program: Command, run: Run): void {
  program
    .command('verify')
    .description('hold the live state against the log, while reads and writes go on; exit code 1 if they differ')
    .option('--show <count>', 'differences to print', wholeNumber(0, 1000), 20)
    .action(run<[], VerifyOptions>((context, { show }) => verify(context, show)))
}

/** @param show differences that are printed one by one; --json has them all, up to a thousand */
export async function verify(context: Context, show: number): Promise<ExitCode> {
  const { config, output, isJson } = context
  const report = await withStore(config(), (store) => withProgress(context, (options) => store.verify(options)))
  if (isJson) output.json(report)
  else printVerifyReport(output, report, show)
  return report.ok ? EXIT.fine : EXIT.found
}
