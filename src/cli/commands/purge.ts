import type { Command } from 'commander'

import { confirm } from '../confirm.ts'
import type { Context } from '../context.ts'
import { countOverdue } from '../count-overdue.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import { asking, wholeNumber, type Run } from '../runner.ts'
import { labelOf } from '../store-config.ts'
import { counted } from '../terminal/text.ts'

interface PurgeOptions {
  limit?: number
  dryRun?: boolean
}

export function addPurge(program: Command, run: Run): void {
  const command = program
    .command('purge')
    .description('remove the jobs whose time has come, as an open store does by itself; their history stays')
    .option('--limit <count>', 'jobs at most', wholeNumber(1))
    .option('--dry-run', 'only count them')
  asking(command).action(run<[], PurgeOptions>(purge))
}

async function purge(context: Context, { limit, dryRun = false }: PurgeOptions): Promise<ExitCode> {
  const { config, output, isJson } = context
  const own = config()
  if (dryRun) {
    const due = await countOverdue(own)
    const count = Math.min(due, limit ?? due)
    if (isJson) output.json({ due, removed: 0 })
    else output.line(`${counted(count, 'expired job')} would be removed.`)
    return EXIT.fine
  }
  await confirm(context, `The jobs of ${labelOf(own)} whose time has come will be removed.`)
  const removed = await withStore(own, (store) => store.purgeExpired(limit))
  if (isJson) output.json({ removed })
  else output.line(`✓ ${counted(removed, 'expired job')} removed.`, 'green')
  return EXIT.fine
}
