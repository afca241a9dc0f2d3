import type { Command } from 'commander'

import type { StoreStats } from '../../contract.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import type { Run } from '../runner.ts'
import type { Output } from '../terminal/output.ts'
import { counted, dateTime, grouped } from '../terminal/text.ts'

export function addStats(program: Command, run: Run): void {
  program
    .command('stats')
    .description('show how many jobs and events there are, by status, and how old the log is')
    .action(run<[], object>(stats))
}

async function stats({ config, output, isJson }: Context): Promise<ExitCode> {
  const found = await withStore(config(), (store) => store.stats())
  if (isJson) output.json(found)
  else print(output, found)
  return EXIT.fine
}

function print(output: Output, { backend, jobs, events, byStatus, oldestEventAt, newestEventAt }: StoreStats): void {
  output.line(`${backend}: ${counted(jobs, 'job')}, ${counted(events, 'event')}`, 'bold')
  if (oldestEventAt !== null && newestEventAt !== null)
    output.line(`  log from ${dateTime(oldestEventAt)} to ${dateTime(newestEventAt)}`, 'dim')
  output.table({
    columns: [{ title: 'status' }, { title: 'jobs', align: 'right' }],
    rows: Object.entries(byStatus).map(([status, count]) => [status, grouped(count)]),
  })
}
