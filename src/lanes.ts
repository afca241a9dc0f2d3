import type { Backend, EncodedCommand, Outcome, Read, StoredJob } from './backend.ts'
import { Batcher } from './batcher.ts'
import { partitionOf } from './core/order.ts'

/** What one read counts against the bytes of a gathered call: about what comes back for a job. */
const READ_BYTES = 1024

/** Makes a call once the store is open. */
type AfterOpen = <R>(call: () => Promise<R>) => Promise<R>

/** The ways to a backend on which calls are gathered: one for commands and one for reads of each partition's jobs. */
export class Lanes {
  readonly #commands: readonly Batcher<EncodedCommand, Outcome>[]
  readonly #reads: readonly Batcher<string, StoredJob | null>[]

  constructor(backend: Backend, afterOpen: AfterOpen) {
    const { batching } = backend
    const partitions = Array.from({ length: backend.partitions }, (_, partition) => partition)
    this.#commands = partitions.map((partition) => {
      const apply = (items: EncodedCommand[], deadline: number): Promise<Outcome[]> =>
        afterOpen(() => backend.apply(partition, items, deadline))
      return new Batcher(batching, apply, sizeOf)
    })
    this.#reads = partitions.map((partition) => {
      const read = (ids: string[], deadline: number): Promise<Read[]> =>
        afterOpen(() => backend.read(partition, ids, deadline))
      return new Batcher<string, StoredJob | null>(batching, read, () => READ_BYTES)
    })
  }

  apply(encoded: EncodedCommand): Promise<Outcome> {
    return laneOf(this.#commands, encoded.command.jobId).submit(encoded)
  }

  read(id: string): Promise<StoredJob | null> {
    return laneOf(this.#reads, id).submit(id)
  }

  /** Resolves once nothing is queued or under way. */
  async drain(): Promise<void> {
    await Promise.all([...this.#commands, ...this.#reads].map((lane) => lane.drain()))
  }
}

/** What a command counts against the bytes of a gathered call, and against maxEventBytes: the bytes of its event that it says. */
export function sizeOf({ command, data, meta }: EncodedCommand): number {
  let bytes = data.length + (meta?.length ?? 0)
  if (command.kind === 'create') bytes += Buffer.byteLength(command.userId)
  // Each with the byte at least in which msgpack says its length.
  else if (command.kind === 'change') for (const name of command.removed) bytes += 1 + Buffer.byteLength(name)
  return bytes
}

function laneOf<L>(lanes: readonly L[], jobId: string): L {
  return lanes[partitionOf(jobId, lanes.length)] as L
}
