import type { Command } from 'commander'

import { readCursor } from '../../core/cursor.ts'
import type { JobEvent } from '../../core/event.ts'
import { partitionOf } from '../../core/order.ts'
import { openArchive, type ArchiveOptions } from '../archive.ts'
import { confirm } from '../confirm.ts'
import type { AnyJob, Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import { asking, time, type Run } from '../runner.ts'
import { labelOf } from '../store-config.ts'
import { counted, dateTime } from '../terminal/text.ts'
import { withProgress } from '../with-progress.ts'

interface CompactOptions extends ArchiveOptions {
  before: Date
  dryRun?: boolean
}

export function addCompact(program: Command, run: Run): void {
  const command = program
    .command('compact')
    .description('drop the events from before a time; jobs that stand on them get a snapshot first')
    .requiredOption('--before <time>', 'ISO 8601; UTC, unless it says otherwise', time)
    .option('--archive <url>', 'sqlite:path, made if missing: takes the events before they are dropped')
    .option('--dry-run', 'only count the events')
  asking(command).action(run<[], CompactOptions>(compact))
}

async function compact(context: Context, options: CompactOptions): Promise<ExitCode> {
  const { before, dryRun = false } = options
  if (dryRun) return countOld(context, before)
  const { config, output, isJson } = context
  const own = config()
  const fate = options.archive === undefined ? 'be dropped for ever' : `move to ${options.archive}`
  await confirm(context, `The events of ${labelOf(own)} from before ${dateTime(before)} UTC will ${fate}.`)
  const report = await openArchive(options, { mayBeNew: true }, (archive) =>
    withStore(own, (store) =>
      withProgress(context, (replay) => store.compact({ ...replay, before, ...(archive !== null && { archive }) })),
    ),
  )
  const { dropped, snapshotted, archived } = report
  if (isJson) output.json(report)
  else {
    const rest = `${counted(archived, 'event')} archived, ${counted(snapshotted, 'job')} snapshotted`
    output.line(`✓ ${counted(dropped, 'event')} dropped, ${rest}.`, 'green')
  }
  return EXIT.fine
}

async function countOld({ config, output, isJson, surroundings }: Context, before: Date): Promise<ExitCode> {
  const old = await withStore(config(), async (store) => {
    const droppable = new Droppable()
    for await (const event of store.events()) {
      surroundings.signal.throwIfAborted()
      // The log is read in the order of time.
      if (event.at >= before) break
      droppable.add(event)
    }
    return droppable.events
  })
  if (isJson) output.json({ before, events: old, dropped: 0 })
  else output.line(`${counted(old, 'event')} from before ${dateTime(before)} UTC would be dropped.`)
  return EXIT.fine
}

/** How many events go: in each partition, snapshots that nothing follows stay. */
class Droppable {
  events = 0
  /** Snapshots, by their partition, that an event after them would take along. */
  readonly #waiting = new Map<number, number>()

  add({ type, jobId, cursor }: JobEvent<AnyJob>): void {
    const partition = partitionOf(jobId, readCursor(cursor).positions.length)
    const waiting = this.#waiting.get(partition) ?? 0
    if (type !== 'snapshotted') this.events += waiting + 1
    this.#waiting.set(partition, type === 'snapshotted' ? waiting + 1 : 0)
  }
}
