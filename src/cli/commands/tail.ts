import { InvalidArgumentError, type Command } from 'commander'
import { once } from 'node:events'

import { CursorGapError, LogRewoundError, SlowConsumerError } from '../../core/errors.ts'
import type { JobEvent, JobEventType, SubscribeOptions } from '../../core/event.ts'
import { LIVE_EVENT_TYPES, parseEventTypes } from '../../live-event-types.ts'
import type { AnyJob, AnyStore, Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import type { Run } from '../runner.ts'
import { eventLine } from '../show/event-line.ts'
import { paintOf } from '../show/paint.ts'
import { Output } from '../terminal/output.ts'

interface TailOptions {
  job?: string
  user?: string
  type?: JobEventType[]
  after: string
}

export function addTail(program: Command, run: Run): void {
  program
    .command('tail')
    .description('show what happens to the jobs, as it happens, until Ctrl-C')
    .option('--job <id>', 'only events of this job')
    .option('--user <id>', "only events of this user's jobs")
    .option('--type <types>', `only events of these types: ${LIVE_EVENT_TYPES.join(',')}`, readTypes)
    .option('--after <cursor>', 'start, now, or where a tail ended', 'now')
    .action(run<[], TailOptions>(tail))
}

function tail(context: Context, { job, user, type, after }: TailOptions): Promise<ExitCode> {
  const query = {
    ...(job !== undefined && { jobId: job }),
    ...(user !== undefined && { userId: user }),
    ...(type !== undefined && { types: type }),
  }
  return withStore(context.config(), (store) => follow(context, store, { ...query, after }))
}

async function follow(context: Context, store: AnyStore, query: SubscribeOptions): Promise<ExitCode> {
  const remarks = new Output(context.progress)
  let { after } = query
  try {
    for await (const event of eventsOf(store, { ...query, signal: context.surroundings.signal })) {
      print(context, event)
      after = event.cursor
      await whenWritten(context)
    }
  } catch (error) {
    const cursor = cursorToGoOn(error)
    if (cursor === null) throw error
    remarks.line((error as Error).message)
    remarks.line(`To go on: --after ${cursor}`)
    return EXIT.found
  }
  if (!context.isJson && after !== 'now' && after !== 'start') remarks.line(`To go on: --after ${after}`, 'dim')
  return EXIT.fine
}

/** Whoever reads slowly gets all the same, later. */
async function* eventsOf(store: AnyStore, query: SubscribeOptions): AsyncGenerator<JobEvent<AnyJob>> {
  let { after } = query
  for (;;)
    try {
      return yield* store.subscribe({ ...query, ...(after !== undefined && { after }) })
    } catch (error) {
      if (!(error instanceof SlowConsumerError)) throw error
      after = error.cursor
    }
}

function print({ output, isJson }: Context, event: JobEvent<AnyJob>): void {
  if (isJson) output.jsonLine(event)
  else output.line(eventLine(event, output.longestValue), paintOf(event) ?? undefined)
}

/** A pipe that is full must not fill the memory instead. */
async function whenWritten({ surroundings: { stdout, signal } }: Context): Promise<void> {
  if (stdout.writableNeedDrain) await once(stdout, 'drain', { signal }).catch(() => {})
}

/** Where to go on after what can not be told any more; null for an error that is about something else. */
function cursorToGoOn(error: unknown): string | null {
  if (error instanceof CursorGapError) return error.oldest
  return error instanceof LogRewoundError ? error.newest : null
}

function readTypes(text: string): JobEventType[] {
  const types = parseEventTypes(text)
  if (types === null) throw new InvalidArgumentError(`Expected one or more of ${LIVE_EVENT_TYPES.join(',')}.`)
  return types
}
