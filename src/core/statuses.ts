import { InvalidConfigError, InvalidJobError } from './errors.ts'
import { STAMP_FIELDS, type StampField } from './job.ts'

/** The statuses of a store without statuses of its own, and what entering each stamps. */
const DEFAULT_STATUSES: Readonly<Record<string, StampField | null>> = {
  pending: null,
  queued: 'queuedAt',
  processing: 'startedAt',
  completed: 'completedAt',
  failed: 'completedAt',
  cancelled: 'completedAt',
}

const GUARDED: Readonly<Record<string, readonly string[]>> = {
  pending: ['queued', 'processing', 'completed', 'failed', 'cancelled'],
  queued: ['pending', 'processing', 'completed', 'failed', 'cancelled'],
  processing: ['pending', 'queued', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: ['queued'],
  cancelled: [],
}

/** The statuses of one store: their names, their stamps, and which may follow which. */
export class Statuses {
  readonly names: readonly string[]
  readonly #stamps: ReadonlyMap<string, StampField | null>
  readonly #sources: ReadonlyMap<string, readonly string[]> | null

  /** @throws InvalidConfigError naming the option and what it may be */
  constructor(statuses: unknown, transitions: unknown) {
    this.#stamps = readStamps(statuses)
    this.names = [...this.#stamps.keys()]
    this.#sources = readSources(transitions, statuses === undefined, this.names)
  }

  /** @throws InvalidJobError if the store has no such status */
  check(status: unknown): asserts status is string {
    if (typeof status !== 'string' || !this.#stamps.has(status))
      throw InvalidJobError.of('status', `one of ${this.names.join(', ')}`, status)
  }

  /** The Date that entering the status stamps. */
  stampOf(status: string): StampField | null {
    return this.#stamps.get(status) ?? null
  }

  /** The statuses from which this one may be entered, itself among them: staying is no transition. null: from any. */
  sourcesOf(status: string): readonly string[] | null {
    return this.#sources?.get(status) ?? null
  }
}

function readStamps(statuses: unknown): Map<string, StampField | null> {
  if (statuses === undefined) return new Map(Object.entries(DEFAULT_STATUSES))
  if (
    typeof statuses !== 'object' ||
    statuses === null ||
    Array.isArray(statuses) ||
    Object.keys(statuses).length === 0
  )
    throw InvalidConfigError.of('statuses', 'an object with a stamp or null for each status', statuses)
  const stamps = new Map<string, StampField | null>()
  for (const [status, stamp] of Object.entries(statuses)) {
    if (status === '' || status.length > 64 || !status.isWellFormed())
      throw InvalidConfigError.of('statuses', 'names of 1 to 64 characters', status)
    if (stamp !== null && !STAMP_FIELDS.includes(stamp))
      throw InvalidConfigError.of(`statuses.${status}`, `${STAMP_FIELDS.join(', ')} or null`, stamp)
    stamps.set(status, stamp)
  }
  return stamps
}

function readSources(
  transitions: unknown,
  hasDefaultStatuses: boolean,
  names: readonly string[],
): Map<string, string[]> | null {
  if (transitions === undefined || transitions === 'any') return null
  if (transitions === 'guarded' && !hasDefaultStatuses)
    throw InvalidConfigError.of('transitions', "'any' or a table, since the store has statuses of its own", transitions)
  const table = transitions === 'guarded' ? GUARDED : transitions
  if (typeof table !== 'object' || table === null || Array.isArray(table))
    throw InvalidConfigError.of(
      'transitions',
      "'any', 'guarded' or a table of the statuses that may follow each",
      table,
    )
  const sources = new Map(names.map((name) => [name, [name]]))
  for (const [from, followers] of Object.entries(table)) {
    if (!sources.has(from)) throw InvalidConfigError.of('transitions', `one of ${names.join(', ')}`, from)
    if (!Array.isArray(followers)) throw InvalidConfigError.of(`transitions.${from}`, 'an array of statuses', followers)
    for (const to of followers) {
      const known = sources.get(to)
      if (known === undefined) throw InvalidConfigError.of(`transitions.${from}`, `one of ${names.join(', ')}`, to)
      known.push(from)
    }
  }
  return sources
}
