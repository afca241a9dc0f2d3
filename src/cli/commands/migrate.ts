import type { Command } from 'commander'

import { migrate as migrateLog } from '../../migrate.ts'
import { confirm } from '../confirm.ts'
import type { Context } from '../context.ts'
import { EXIT, UsageError, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import { asking, wholeNumber, type Run } from '../runner.ts'
import { labelOf, storeConfig } from '../store-config.ts'
import { counted } from '../terminal/text.ts'
import { withProgress } from '../with-progress.ts'

const TARGET_OPTIONS = { store: '--to', prefix: '--to-prefix', partitions: '--to-partitions' }

interface MigrateOptions {
  to: string
  toPrefix?: string
  toPartitions?: number
}

export function addMigrate(program: Command, run: Run): void {
  const command = program
    .command('migrate')
    .description('replay the whole log into an empty store, and compare the two; can be run again after a stop')
    .requiredOption('--to <url>', 'redis://…, rediss://… or sqlite:path; made if missing')
    .option('--to-prefix <text>', 'on Redis: what the keys of the new store begin with (default: jobs)')
    .option('--to-partitions <count>', 'on Redis: hash slots of the new store', wholeNumber(1, 1024))
  asking(command).action(run<[], MigrateOptions>(migrate))
}

async function migrate(context: Context, { to, toPrefix, toPartitions }: MigrateOptions): Promise<ExitCode> {
  const { config, output, isJson } = context
  const source = config()
  // The environment speaks of the source.
  const target = storeConfig({ store: to, prefix: toPrefix, partitions: toPartitions }, {}, TARGET_OPTIONS)
  if (labelOf(source) === labelOf(target)) throw new UsageError('--to: expected another store than the source.')
  await confirm(context, `The log of ${labelOf(source)} will be copied to ${labelOf(target)}.`)
  const report = await withStore(source, (from) =>
    withStore(target, (into) => withProgress(context, (options) => migrateLog(from, into, options)), {
      mayBeNew: true,
    }),
  )
  if (isJson) output.json(report)
  else
    output.line(`✓ ${counted(report.events, 'event')}, ${counted(report.jobs, 'job')}: the two are the same.`, 'green')
  return EXIT.fine
}
