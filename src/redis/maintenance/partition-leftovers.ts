import type { Leftover } from '../../maintenance.ts'
import { parseKey, type StoreKey } from '../store-keys.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'

/** Ids that one call looks at. */
const IDS_A_CALL = 200

/** Finds and removes what is kept under one partition's prefix and belongs to no job. */
export class PartitionLeftovers {
  readonly #parts: MaintenanceParts

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
  }

  /** @param isRight whether something was seen to be right already */
  async *find(isRight: (kept: Leftover) => boolean): AsyncGenerator<Leftover> {
    const { keys, scanner } = this.#parts
    for await (const names of scanner.keys(keys.base)) {
      const jobs: string[] = []
      const others: [string, StoreKey][] = []
      for (const name of names) {
        const key = parseKey(name.slice(keys.base.length))
        if (key.kind === 'job') jobs.push(key.jobId)
        else others.push([name, key])
      }
      yield* await this.#unfit(JOBS, jobs, isRight)
      // The first page of each at once: most lists are short, and there are many of them.
      const found = await Promise.all(others.map(([name, key]) => this.#beginningOf(name, key, isRight)))
      for (const { leftovers, more } of found) {
        yield* leftovers
        if (more !== null) yield* more
      }
    }
  }

  /** @returns how many were still there */
  async remove(leftovers: readonly Leftover[]): Promise<number> {
    let removed = 0
    for (const leftover of leftovers)
      removed +=
        leftover.kind === 'foreign' ? await this.#parts.scanner.remove(leftover.name) : await this.#removeOne(leftover)
    return removed
  }

  /** What is left over in a key: of an index its first page, and a way to the others. */
  async #beginningOf(
    name: string,
    key: StoreKey,
    isRight: (kept: Leftover) => boolean,
  ): Promise<{ leftovers: Leftover[]; more: AsyncIterable<Leftover> | null }> {
    const { scanner } = this.#parts
    const foreign: Leftover = { kind: 'foreign', name }
    switch (key.kind) {
      case 'fixed':
      case 'job':
        return { leftovers: [], more: null }
      case 'foreign':
        return { leftovers: [foreign], more: null }
      case 'passing':
        return { leftovers: (await scanner.staysForEver(name)) ? [foreign] : [], more: null }
      case 'index': {
        if (!(await scanner.isSortedSet(name))) return { leftovers: [foreign], more: null }
        const { members, next } = await scanner.members(name, '0')
        const leftovers = await this.#unfit(key, members, isRight)
        return { leftovers, more: next === '0' ? null : this.#rest(name, key, next, isRight) }
      }
    }
  }

  async *#rest(
    name: string,
    key: Looked,
    from: string,
    isRight: (kept: Leftover) => boolean,
  ): AsyncGenerator<Leftover> {
    let cursor = from
    while (cursor !== '0') {
      const { members, next } = await this.#parts.scanner.members(name, cursor)
      yield* await this.#unfit(key, members, isRight)
      cursor = next
    }
  }

  /** Which of these do not fit the live jobs. */
  async #unfit(what: Looked, ids: readonly string[], isRight: (kept: Leftover) => boolean): Promise<Leftover[]> {
    const { link, keys } = this.#parts
    const { index, userId, status } = what
    const kept = ids.map((id) => leftoverOf(what, id)).filter((one) => !isRight(one))
    const leftovers: Leftover[] = []
    for (let at = 0; at < kept.length; at += IDS_A_CALL) {
      const asked = kept.slice(at, at + IDS_A_CALL).map(({ jobId }) => jobId)
      const reply = await link.maintain('leftovers', keys.meta, [index, userId, status, 0, ...asked])
      for (const id of reply.slice(1)) leftovers.push(leftoverOf(what, String(id)))
    }
    return leftovers
  }

  async #removeOne(leftover: Kept): Promise<number> {
    const { link, keys, partition } = this.#parts
    const userId = 'userId' in leftover ? leftover.userId : ''
    const status = 'status' in leftover ? leftover.status : ''
    const args = [KINDS[leftover.kind], userId, status, 1, leftover.jobId]
    const reply = await link.maintain('leftovers', keys.meta, args)
    if (leftover.kind === 'job') partition.forget([leftover.jobId])
    return reply.length - 1
  }
}

/** What leftovers.lua looks at: jobs, or the members of an index. */
interface Looked {
  index: 'job' | 'user' | 'status' | 'expiry'
  userId: string
  status: string
}

const JOBS: Looked = { index: 'job', userId: '', status: '' }

type Kept = Exclude<Leftover, { kind: 'foreign' }>

const KINDS = { job: 'job', userIndex: 'user', statusIndex: 'status', expiryIndex: 'expiry' } as const

function leftoverOf({ index, userId, status }: Looked, jobId: string): Kept {
  switch (index) {
    case 'job':
      return { kind: 'job', jobId }
    case 'user':
      return { kind: 'userIndex', jobId, userId }
    case 'status':
      return { kind: 'statusIndex', jobId, userId, status }
    case 'expiry':
      return { kind: 'expiryIndex', jobId }
  }
}
