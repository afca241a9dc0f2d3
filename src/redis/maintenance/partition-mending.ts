import type { Position } from '../../core/cursor.ts'
import { FORMAT } from '../link.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'
import type { PartitionMaintenance } from './partition-maintenance.ts'

/** Heads that one call reads. */
const PAGE = 256
/** More events than one transaction has. */
const MOST_TORN = 1024

/** Of a partition: nothing is wrong; another store has found what is, and taken it out; this one has just done so. */
export type Torn = 'whole' | 'known' | 'found'
/** As lua/mend.lua numbers them. */
const TORN: readonly Torn[] = ['whole', 'known', 'found']

/** Takes the remains of torn transactions out of one partition's log (lua/lib/torn.lua). */
export class PartitionMending {
  readonly #parts: MaintenanceParts
  readonly #maintenance: PartitionMaintenance

  constructor(parts: MaintenanceParts, maintenance: PartitionMaintenance) {
    this.#parts = parts
    this.#maintenance = maintenance
  }

  async takeOut(): Promise<Torn> {
    if (!(await this.#hasWrongLength())) return (await this.isUnderWay()) ? 'known' : 'whole'
    const { link, keys } = this.#parts
    const found = Number((await link.maintain('mend', keys.meta, await this.#tornEvents()))[1])
    return TORN[found] ?? 'found'
  }

  /** Whether there are remains of torn transactions, or the state is not made again yet since there were. */
  async isTorn(): Promise<boolean> {
    if (await this.isUnderWay()) return true
    return (await this.#hasWrongLength()) && (await this.#tornEvents()).length > 0
  }

  /** Whether the state is still to be made of the log again. */
  async isUnderWay(): Promise<boolean> {
    const { link, keys } = this.#parts
    return (await link.caller.call((redis) => redis.hexists(keys.meta, 'mending'))) === 1
  }

  async #hasWrongLength(): Promise<boolean> {
    const { link, keys } = this.#parts
    const [tag] = await link.run('read', keys.meta, [FORMAT, ''])
    return String(tag) === 'TORN'
  }

  /** The events behind which the numbers go back: those from the number on that comes once more. */
  async #tornEvents(): Promise<string[]> {
    const torn: string[] = []
    let recent: Position[] = []
    let position = (await this.#parts.partition.bounds()).oldest
    for (;;) {
      const heads = await this.#maintenance.scanHeads(position, PAGE)
      for (const { position: one } of heads) {
        const goesBack = one.sequence <= (recent.at(-1)?.sequence ?? 0)
        const from = goesBack ? recent.findIndex(({ sequence }) => sequence === one.sequence) : -1
        if (from >= 0) torn.push(...recent.splice(from).map(({ key }) => key))
        recent.push(one)
      }
      recent = recent.slice(-MOST_TORN)
      position = heads.at(-1)?.position ?? position
      if (heads.length < PAGE) return torn
    }
  }
}
