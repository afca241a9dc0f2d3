import type { Command } from 'commander'

import { confirm } from '../confirm.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import { asking, type Run } from '../runner.ts'
import { labelOf } from '../store-config.ts'
import { counted } from '../terminal/text.ts'
import { withProgress } from '../with-progress.ts'
import { verify } from './verify.ts'

/** Differences that a dry run prints. */
const SHOWN = 20

interface RebuildOptions {
  dryRun?: boolean
}

export function addRebuild(program: Command, run: Run): void {
  const command = program
    .command('rebuild')
    .description('make the live state what the log says, while reads and writes go on')
    .option('--dry-run', 'only say what differs, like verify')
  asking(command).action(run<[], RebuildOptions>(rebuild))
}

async function rebuild(context: Context, { dryRun = false }: RebuildOptions): Promise<ExitCode> {
  if (dryRun) return verify(context, SHOWN)
  const { config, output, isJson } = context
  const own = config()
  await confirm(context, `The live state of ${labelOf(own)} will be made what its log says.`)
  const report = await withStore(own, (store) => withProgress(context, (options) => store.rebuild(options)))
  const { events, jobs, repaired, durationMs } = report
  if (isJson) output.json(report)
  else {
    const size = `${counted(events, 'event')}, ${counted(jobs, 'job')}, ${(durationMs / 1000).toFixed(1)} s`
    const what = repaired === 0 ? 'Nothing had drifted' : `Put right: ${counted(repaired, 'place')}`
    output.line(`✓ ${what} (${size}).`, 'green')
  }
  return EXIT.fine
}
