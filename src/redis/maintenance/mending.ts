import { setTimeout as delay } from 'node:timers/promises'
import type { Rebuild } from '../../backend.ts'
import { ProjectionLostError } from '../../core/errors.ts'
import type { PartitionMending, Torn } from './partition-mending.ts'

/** How long a read waits for the state to be made again. */
const READS_WAIT_MS = 1000

/** What is under way: its first part, after which reads go on, and all of it. */
interface Work {
  takenOut: Promise<Torn[]>
  done: Promise<void>
}

/**
 * Puts a log right that has the remains of torn transactions (lua/lib/torn.lua): takes them out, then has the state made of
 * the log again. Once for all who find it so; what one store does here, others wait for.
 */
export class Mending {
  readonly #partitions: readonly PartitionMending[]
  #rebuild: Rebuild = () => Promise.reject(ProjectionLostError.of('The log must be mended: rebuild() it.'))
  #work: Work | null = null

  constructor(partitions: readonly PartitionMending[]) {
    this.#partitions = partitions
  }

  rebuildWith(rebuild: Rebuild): void {
    this.#rebuild = rebuild
  }

  /**
   * Resolves when all is as it was; or some time after the taking out, since jobs can be read then: the few that it is about
   * may look as what was dropped left them.
   */
  async mendForReads(): Promise<void> {
    const { takenOut, done } = this.#begin()
    const isFit = takenOut.then(() => delay(READS_WAIT_MS, undefined, { ref: false }))
    // If the state can't be made, reads can go on all the same.
    await Promise.race([done.catch(() => takenOut), isFit])
  }

  /** Resolves when all is as it was. */
  mend(): Promise<void> {
    return this.#begin().done
  }

  /** The same for what a crash has left, and for nothing else that may be wrong with the log. @returns whether there was any */
  async mendIfTorn(): Promise<boolean> {
    const areTorn = await Promise.all(this.#partitions.map((one) => one.isTorn()))
    if (!areTorn.includes(true)) return false
    await this.mend()
    return true
  }

  #begin(): Work {
    this.#work ??= this.#start()
    return this.#work
  }

  #start(): Work {
    const takenOut = Promise.all(this.#partitions.map((one) => one.takeOut()))
    const done = this.#finish(takenOut).finally(() => {
      this.#work = null
    })
    // Who waits for a part only is told by that.
    done.catch(() => {})
    return { takenOut, done }
  }

  async #finish(takenOut: Promise<Torn[]>): Promise<void> {
    const torn = await takenOut
    // A rebuild that is under way may have passed what was taken out since, and say in the end that all is well.
    if (torn.includes('found')) await this.#rebuild(() => Promise.resolve(true))
    else if (torn.includes('known')) await this.#rebuild(() => this.#isUnderWay())
  }

  async #isUnderWay(): Promise<boolean> {
    return (await Promise.all(this.#partitions.map((one) => one.isUnderWay()))).includes(true)
  }
}
