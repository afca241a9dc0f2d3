import type { Command } from 'commander'
import { resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { exportLog } from '../../json-lines/export-log.ts'
import { readingArchive, withArchive, type ArchiveOptions } from '../archive.ts'
import { confirm } from '../confirm.ts'
import type { AnyStore, Context, Surroundings } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { exportFile } from '../export-file.ts'
import { withStore } from '../open-store.ts'
import { asking, type Run } from '../runner.ts'
import { escapeUnprintable } from '../../core/printable.ts'
import { counted } from '../terminal/text.ts'
import { withProgress } from '../with-progress.ts'

/** The first line and the last: what they say is about the others. */
const FRAME_LINES = 2

export function addExport(program: Command, run: Run): void {
  const command = program
    .command('export')
    .description('write the whole log as JSON lines; docs/log-format.md says how they look')
    .argument('[file]', 'where to; without it, to stdout')
  asking(readingArchive(command)).action(
    run<[string | undefined], ArchiveOptions>((context, options, file) =>
      withArchive(context, options, (own) => (file === undefined ? toStdout(own) : toFile(own, file))),
    ),
  )
}

async function toStdout(context: Context): Promise<ExitCode> {
  const { stdout } = context.surroundings
  // On a terminal the lines themselves show how far it is.
  await write(context, () => stdout, !stdout.isTTY)
  return EXIT.fine
}

async function toFile(context: Context, file: string): Promise<ExitCode> {
  const { output, isJson } = context
  const path = resolve(file)
  const target = await exportFile(path)
  if (target.warning !== null) await confirm(context, target.warning)
  try {
    const events = await write(context, target.open, true)
    await target.finish()
    if (isJson) output.json({ file: path, events })
    else output.line(`✓ ${counted(events, 'event')} written to ${path}.`, 'green')
    return EXIT.fine
  } finally {
    await target.discard()
  }
}

/**
 * @param openTarget called once the store is open
 * @returns how many events were written
 */
async function write(context: Context, openTarget: () => Writable, showsProgress: boolean): Promise<number> {
  return withStore(context.config(), async (store) => {
    if (!showsProgress) return pour(store, openTarget(), context.surroundings, () => {})
    const { events: expected } = await store.stats()
    return withProgress(context, ({ signal, onProgress }) =>
      pour(store, openTarget(), { ...context.surroundings, signal }, (events) =>
        onProgress({ events, jobs: 0, fraction: Math.min(1, events / Math.max(1, expected)) }),
      ),
    )
  })
}

async function pour(
  store: AnyStore,
  target: Writable,
  { stdout, signal }: Pick<Surroundings, 'stdout' | 'signal'>,
  onEvents: (events: number) => void,
): Promise<number> {
  let lines = 0
  const counting = async function* (): AsyncGenerator<string> {
    for await (const line of exportLog(store)) {
      yield isTerminal(target) ? escapeUnprintable(line) : line
      onEvents(Math.max(0, ++lines - FRAME_LINES))
    }
  }
  await pipeline(counting, target, { signal, end: target !== stdout })
  return lines - FRAME_LINES
}

/** JSON reads the escapes back as what they stand for; a file has no need of them. */
function isTerminal(target: Writable): boolean {
  return 'isTTY' in target && target.isTTY === true
}
