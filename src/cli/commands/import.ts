import type { Command } from 'commander'
import { createReadStream, open, statSync } from 'node:fs'
import { Socket } from 'node:net'
import { addAbortSignal } from 'node:stream'
import { promisify } from 'node:util'

import { importLog } from '../../migrate.ts'
import { confirm } from '../confirm.ts'
import type { Context, Surroundings } from '../context.ts'
import { EXIT, UsageError, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import { asking, type Run } from '../runner.ts'
import { labelOf } from '../store-config.ts'
import { counted } from '../terminal/text.ts'
import { withProgress } from '../with-progress.ts'

/** How much of the work is reading; the rest is making the state. */
const READING = 0.5

export function addImport(program: Command, run: Run): void {
  const command = program
    .command('import')
    .description('fill an empty store with a log that export wrote, and compare; can be run again after a stop')
    .argument('[file]', 'what to read; without it, stdin')
  asking(command).action(run<[string | undefined], object>((context, _options, file) => importFile(context, file)))
}

async function importFile(context: Context, file: string | undefined): Promise<ExitCode> {
  const { config, output, isJson, surroundings } = context
  if (file === undefined && surroundings.stdin.isTTY)
    throw new UsageError('Nothing to import: give a file, or pipe a log in.')
  const own = config()
  // Before anybody is asked: whether the file is there.
  const source = openSource(surroundings, file)
  await confirm(context, `The log of ${file ?? 'stdin'} will be written into ${labelOf(own)}.`)
  const report = await withStore(
    own,
    (store) =>
      withProgress(context, ({ signal, onProgress }) =>
        importLog(store, source.read(), {
          signal,
          onProgress: (progress) => {
            const fraction = Math.max(progress.fraction, source.fraction() * READING)
            onProgress({ ...progress, fraction })
          },
        }),
      ),
    { mayBeNew: true },
  )
  if (isJson) output.json(report)
  else
    output.line(`✓ ${counted(report.events, 'event')}, ${counted(report.jobs, 'job')} imported and compared.`, 'green')
  return EXIT.fine
}

/** What is read, and how much of it has been; of stdin nobody knows. */
interface Source {
  read: () => AsyncIterable<Uint8Array>
  fraction: () => number
}

function openSource({ stdin, signal }: Surroundings, file: string | undefined): Source {
  // Whoever writes into a pipe may take long for the next piece.
  if (file === undefined) return { read: () => addAbortSignal(signal, stdin), fraction: () => 0 }
  const stats = statSync(file)
  if (stats.isFIFO()) return { read: () => readPipe(file, signal), fraction: () => 0 }
  const { size } = stats
  let bytes = 0
  const read = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(file, { signal }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      yield chunk
    }
  }
  return { read, fraction: () => bytes / Math.max(1, size) }
}

/** As of a file, a thread would wait for the next piece, and the process for the thread, however it is ended. */
async function* readPipe(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const fd = await promisify(open)(file, 'r')
  yield* addAbortSignal(signal, new Socket({ fd, readable: true, writable: false })) as AsyncIterable<Buffer>
}
