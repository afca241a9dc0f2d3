/** The demo: `npm run demo`, `npm run demo -- --help`. */
import { randomBytes } from 'node:crypto'

import { createJobStore, InvalidConfigError, JobStoreError, type JobCore, type JobStore } from '../../src/index.ts'
import { InputError } from './lines.ts'
import type { DemoJob } from './lives.ts'
import { HELP, readOptions, UsageError, type DemoOptions } from './options.ts'
import { placeOf, type Place } from './place.ts'
import { Screen } from '../../src/cli/terminal/screen.ts'
import { printable } from '../../src/core/printable.ts'
import { traceRun } from './trace-run.ts'
import type { TraceJob } from './trace.ts'
import { workingDay } from './working-day.ts'

const RIGHT = 0
const WRONG = 1
const MISUSED = 2
const INTERRUPTED = 130

const screen = new Screen(process.stdout, process.env)
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())
// Who reads through a pipe may have seen enough.
process.stdout.on('error', () => interruption.abort())
process.exitCode = await main(process.argv.slice(2)).catch(explain)

async function main(args: string[]): Promise<number> {
  const options = readOptions(args)
  if (options.help) {
    screen.print(HELP)
    return RIGHT
  }
  const run = randomBytes(3).toString('hex')
  const place = placeOf(options, run)
  const isRight = await runAt(place, options, run)
  screen.print('', place.afterwards)
  return isRight ? RIGHT : WRONG
}

async function runAt(place: Place, { input }: DemoOptions, run: string): Promise<boolean> {
  const { signal } = interruption
  let isOpen = false
  const opened = async <T extends JobCore>(use: (store: JobStore<T>) => Promise<boolean>): Promise<boolean> => {
    await using store = createJobStore<T>(place.config)
    const where = screen.style('dim', `· ${printable(place.label)} · run ${run}`)
    screen.print(`${screen.style('bold', 'jobledger demo')} ${where}`)
    await store.ready()
    isOpen = true
    return await use(store)
  }
  try {
    if (input === null) return await opened<DemoJob>((store) => workingDay({ screen, store, run, signal }))
    return await opened<TraceJob>((store) => traceRun(input, place.label, { screen, store, run, signal }))
  } finally {
    screen.keep()
    // A Redis that was not reached holds nothing of ours.
    if (isOpen || place.config.type !== 'redis')
      await place.clear().catch((error: unknown) => {
        console.error(`What this run has stored could not be removed: ${(error as Error).message}`)
      })
  }
}

/** Says what went wrong to who gave the command: with a stack only if it is the demo's own fault. @returns the exit code */
function explain(error: unknown): number {
  if (interruption.signal.aborted) {
    console.error('Interrupted.')
    return INTERRUPTED
  }
  if (error instanceof UsageError) {
    console.error(`${error.message} "npm run demo -- --help" says what there is.`)
    return MISUSED
  }
  const { code } = error as NodeJS.ErrnoException
  const isExpected = error instanceof JobStoreError || error instanceof InputError || typeof code === 'string'
  console.error(isExpected ? (error as Error).message : error)
  return error instanceof InvalidConfigError ? MISUSED : WRONG
}
