import { Command } from 'commander'
import { readFileSync } from 'node:fs'

import { addCompact } from './commands/compact.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExport } from './commands/export.ts'
import { addGet } from './commands/get.ts'
import { addHistory } from './commands/history.ts'
import { addImport } from './commands/import.ts'
import { addList } from './commands/list.ts'
import { addMigrate } from './commands/migrate.ts'
import { addPurge } from './commands/purge.ts'
import { addRebuild } from './commands/rebuild.ts'
import { addServe } from './commands/serve.ts'
import { addStats } from './commands/stats.ts'
import { addTail } from './commands/tail.ts'
import { addVerify } from './commands/verify.ts'
import type { Surroundings } from './context.ts'
import { wholeNumber, type Run } from './runner.ts'
import { printable } from '../core/printable.ts'

const AFTER_HELP = `
The store is what --store names, else what the environment says: JOB_STORE_TYPE (redis or sqlite) with REDIS_URL or
SQLITE_PATH, as getJobStore() reads it. A password is better kept there: other users of the machine can see command lines.

Exit codes
  0  all is well
  1  something is wrong with the store, or what was asked for is not there
  2  the command line or the environment is wrong, or a change was not confirmed; nothing was done
  3  the store could not be reached, or something else failed`

/** In the order of the help. */
const COMMANDS = [
  addGet,
  addList,
  addHistory,
  addTail,
  addStats,
  addServe,
  addVerify,
  addRebuild,
  addCompact,
  addPurge,
  addMigrate,
  addExport,
  addImport,
  addDoctor,
]

/** The whole command line. It throws where it can't go on, a CommanderError for what commander itself finds wrong. */
export function makeProgram({ stdout, stderr }: Surroundings, run: Run): Command {
  const program = new Command('jobledger')
    .description('Looks into a job store, checks it, repairs it, and moves it.')
    .version(readVersion(), '--version', 'say which version this is')
    .helpOption('-h, --help', 'say what there is')
    .helpCommand(false)
    .option('--store <url>', 'redis://…, rediss://… or sqlite:path')
    .option('--prefix <text>', 'on Redis: what the keys of the store begin with (default: jobs)')
    .option('--partitions <count>', 'on Redis: of a store that is new, or whose state is lost', wholeNumber(1, 1024))
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', AFTER_HELP)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('"jobledger --help" says what there is.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(printLines(text)),
    })
  for (const add of COMMANDS) add(program, run)
  return program
}

/** What is wrong with a command line is shown with the words that were wrong. */
function printLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
