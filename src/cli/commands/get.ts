import type { Command } from 'commander'

import type { JobRecord } from '../../core/event.ts'
import type { AnyJob, Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import type { Run } from '../runner.ts'
import { fieldsOf } from '../show/fields.ts'
import type { Output } from '../terminal/output.ts'

export function addGet(program: Command, run: Run): void {
  program
    .command('get')
    .description('show a job as it is now')
    .argument('<id>', 'of the job')
    .action(run<[string], object>((context, _options, id) => get(context, id)))
}

async function get({ config, output, isJson }: Context, id: string): Promise<ExitCode> {
  const record = await withStore(config(), (store) => store.findRecord(id))
  if (isJson) output.json(record)
  else if (record === null) output.line(`There is no job ${JSON.stringify(id)}; its history may be there.`)
  else print(output, record)
  return record === null ? EXIT.found : EXIT.fine
}

function print(output: Output, { job, version, lastEventId }: JobRecord<AnyJob>): void {
  output.line(`${job.id}: version ${version}, event ${lastEventId}`, 'bold')
  output.table(fieldsOf(job))
}
