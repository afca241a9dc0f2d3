import type { Cluster, Redis } from 'ioredis'
import { InvalidConfigError, JobStoreError, ProjectionLostError, StoreMismatchError } from '../core/errors.ts'
import type { Caller } from './caller.ts'
import { absentBeside } from './keys.ts'
import { loadScripts, type Run, type Script } from './scripts.ts'

/** Of keys and fields; scripts refuse another. */
export const FORMAT = '1'

const FOR_CLUSTER = 'redis+cluster://host:port or an ioredis Cluster, since the server is a node of a Cluster'

/** One argument of a script. */
export type Argument = string | number | Buffer

/** The store's scripts on one client: made known to it once, run by name. */
export class Link {
  readonly caller: Caller
  #scripts: Record<Run, Script> | null = null

  constructor(caller: Caller) {
    this.caller = caller
  }

  /**
   * Asks the server's version and makes the scripts that fit it known.
   * @throws InvalidConfigError for a client that is like ioredis, but loses bytes, or that doesn't know of Clusters
   */
  async open(): Promise<void> {
    if (this.#scripts !== null) return
    const info = await this.caller.call((redis) => redis.info('server'))
    // Valkey 8 and later call it the server's.
    if (/^(?:redis|server)_mode:cluster/m.test(info) && !this.caller.client.isCluster)
      throw InvalidConfigError.of('redis', FOR_CLUSTER, 'another client')
    const version = Number(/^redis_version:(\d+)/m.exec(info)?.[1] ?? 0)
    const scripts = loadScripts(version)
    const { redis } = this.caller.client
    for (const { command, lua } of Object.values(scripts)) {
      redis.defineCommand(command, { numberOfKeys: 2, lua })
      if (!(`${command}Buffer` in redis))
        throw InvalidConfigError.of('redis', 'a client whose defined commands can reply in Buffers', redis)
    }
    this.#scripts = scripts
  }

  /** Runs a script on the partition of a meta key. @returns its reply, text as Buffers */
  run(name: Run, keyMeta: string, args: Argument[], deadline?: number): Promise<unknown[]> {
    return this.caller.call(this.callOf(name, keyMeta, args), deadline)
  }

  /** One try of run(), on a client that is connected. */
  callOf(name: Run, keyMeta: string, args: Argument[]): (redis: Redis | Cluster) => Promise<unknown[]> {
    const script = this.#scripts?.[name]
    if (script === undefined) throw new JobStoreError('NOT_OPEN', 'The store was used before it was opened.')
    return (redis) => {
      const methods = redis as unknown as Record<
        string,
        (...keysAndArgs: (string | Argument[])[]) => Promise<unknown[]>
      >
      return methods[`${script.command}Buffer`]?.call(redis, keyMeta, absentBeside(keyMeta), args) as Promise<unknown[]>
    }
  }

  /** Runs a script of maintenance, which wants the store's format and works whatever state is left. @throws StoreMismatchError, ProjectionLostError */
  async maintain(name: Run, keyMeta: string, args: Argument[]): Promise<unknown[]> {
    const reply = await this.run(name, keyMeta, [FORMAT, ...args])
    if (String(reply[0]) === 'TORN') throw ProjectionLostError.of('The log is being mended: call again.')
    if (String(reply[0]) === 'FORMAT') throw StoreMismatchError.of('the format', FORMAT, String(reply[1]))
    return reply
  }

  /**
   * Makes a partition, or checks it.
   * @returns the store's epoch, and whether its log is to be mended
   * @throws StoreMismatchError, ProjectionLostError
   */
  async openPartition(keyMeta: string, partitions: number, epoch: string): Promise<{ epoch: string; isTorn: boolean }> {
    const [tag, detail, torn] = await this.run('open', keyMeta, [FORMAT, partitions, epoch])
    switch (String(tag)) {
      case 'DONE':
        return { epoch: String(detail), isTorn: Number(torn) === 1 }
      case 'PARTITIONS':
        throw StoreMismatchError.of('partitions', partitions, String(detail))
      case 'LOST':
        throw ProjectionLostError.of(
          `Events are there under ${keyMeta.slice(0, -5)}, but the state made of them is gone.`,
        )
      default:
        throw StoreMismatchError.of('the format', FORMAT, String(detail))
    }
  }
}
