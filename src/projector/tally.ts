import type { Drift } from '../contract.ts'
import type { Census } from '../maintenance.ts'
import type { Place } from '../place.ts'

/** How many jobs there were at a census by the log, to be held against what the census says. */
export class Tally {
  readonly #census: Census
  readonly #byStatus = new Map<string, number>()
  readonly #byUser = new Map<string, number>()

  constructor(census: Census) {
    this.#census = census
  }

  /** Counts a job by its place at the census. */
  add(place: Place | null): void {
    if (place === null) return
    increment(this.#byStatus, place.status)
    if (this.#census.byUser !== null) increment(this.#byUser, place.userId)
  }

  /** What is to be added to the counts. */
  differences(): { byStatus: Map<string, number>; byUser: Map<string, number> } {
    return {
      byStatus: difference(this.#byStatus, this.#census.byStatus),
      byUser: difference(this.#byUser, this.#census.byUser ?? new Map()),
    }
  }

  drift(): Drift[] {
    const { byStatus, byUser } = this.differences()
    const { end, endKept } = this.#census
    const isEndRight = end.sequence === endKept.sequence && end.key === endKept.key
    return [
      ...(isEndRight ? [] : [{ kind: 'field', field: 'sequence', expected: end, actual: endKept } as const]),
      ...[...byStatus.keys()].map((status): Drift => {
        return { kind: 'statusCount', field: status, ...both(status, this.#byStatus, this.#census.byStatus) }
      }),
      ...[...byUser.keys()].map((userId): Drift => {
        return { kind: 'userCount', userId, ...both(userId, this.#byUser, this.#census.byUser ?? new Map()) }
      }),
    ]
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function difference(expected: ReadonlyMap<string, number>, actual: ReadonlyMap<string, number>): Map<string, number> {
  const differences = new Map<string, number>()
  for (const key of new Set([...expected.keys(), ...actual.keys()])) {
    const by = (expected.get(key) ?? 0) - (actual.get(key) ?? 0)
    if (by !== 0) differences.set(key, by)
  }
  return differences
}

function both(
  key: string,
  expected: ReadonlyMap<string, number>,
  actual: ReadonlyMap<string, number>,
): { expected: number; actual: number } {
  return { expected: expected.get(key) ?? 0, actual: actual.get(key) ?? 0 }
}
