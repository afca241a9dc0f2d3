import type { Command } from 'commander'

import type { AsOf, JobEvent } from '../../core/event.ts'
import { readingArchive, withArchive, type ArchiveOptions } from '../archive.ts'
import { readAsOf } from '../as-of.ts'
import type { AnyJob, AnyStore, Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import type { Run } from '../runner.ts'
import { auditTrail } from '../show/audit-trail.ts'
import { comparisonOf } from '../show/comparison.ts'
import type { Output } from '../terminal/output.ts'
import { dateTime } from '../terminal/text.ts'

interface HistoryOptions extends ArchiveOptions {
  asOf?: AsOf
}

export function addHistory(program: Command, run: Run): void {
  const command = program
    .command('history')
    .description('show what happened to a job: when, by whom, what changed; also after its end')
    .argument('<id>', 'of the job')
    .option(
      '--as-of <moment>',
      'show the job as it was: a version, a time (ISO 8601, UTC), or an event (its id, or event:ID)',
      readAsOf,
    )
  readingArchive(command).action(
    run<[string], HistoryOptions>((context, options, id) =>
      withArchive(context, options, (own) => history(own, options, id)),
    ),
  )
}

function history({ config, output, isJson }: Context, { asOf }: HistoryOptions, id: string): Promise<ExitCode> {
  return withStore(config(), async (store) => {
    if (asOf !== undefined) return printMoment({ output, isJson, store }, id, asOf)
    return isJson ? printLines(output, store, id) : printTrail(output, store, id)
  })
}

async function printLines(output: Output, store: AnyStore, id: string): Promise<ExitCode> {
  let events = 0
  for await (const event of store.history(id)) {
    output.jsonLine(event)
    events++
  }
  return events === 0 ? EXIT.found : EXIT.fine
}

async function printTrail(output: Output, store: AnyStore, id: string): Promise<ExitCode> {
  const events: JobEvent<AnyJob>[] = []
  for await (const event of store.history(id)) events.push(event)
  const [first] = events
  if (first === undefined) {
    output.line(`The log has no events of job ${JSON.stringify(id)}.`)
    return EXIT.found
  }
  if (first.previous !== null || first.version > 1)
    output.line('What was before has been compacted away: --archive says where it is.', 'dim')
  output.table(auditTrail(events, dateTime, output.longestValue))
  return EXIT.fine
}

interface Inquiry {
  output: Output
  isJson: boolean
  store: AnyStore
}

async function printMoment({ output, isJson, store }: Inquiry, id: string, asOf: AsOf): Promise<ExitCode> {
  const then = await store.findByIdAsOf(id, asOf)
  if (isJson) output.json(then)
  else if (then === null) output.line(`There was no job ${JSON.stringify(id)} ${nameOf(asOf)}.`)
  else {
    const now = await store.findRecord(id)
    const title = now === null ? 'now: gone' : `now: version ${now.version}`
    output.table(
      comparisonOf({ title: nameOf(asOf), job: then }, { title, job: now?.job ?? null }, output.longestValue),
    )
  }
  return then === null ? EXIT.found : EXIT.fine
}

function nameOf(asOf: AsOf): string {
  if (asOf instanceof Date) return `as of ${dateTime(asOf)}`
  return 'version' in asOf ? `as of version ${asOf.version}` : `as of event ${asOf.eventId}`
}
