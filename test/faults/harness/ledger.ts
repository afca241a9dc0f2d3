import type { EventMeta } from '../../../src/core/event.ts'

/**
 * What a client was told of one command: that it is in the log; that it is not, by an error or by null; that it may be.
 * 'pending': nothing yet.
 */
export type Told = 'pending' | 'acknowledged' | 'nothing' | 'rejected' | 'unknown'

/** One command. */
export interface LedgerEntry {
  /** Stands in its event as meta.mark. */
  mark: string
  jobId: string
  told: Told
  /** Of the error, or null. */
  code: string | null
  /** The error's, or null. */
  message: string | null
  /** From the call to its end. */
  ms: number
}

/** Gives a command with these options. */
type Command<R> = (options: { meta: EventMeta }) => Promise<R>

/** What one client sent, in order, and what it was told of each. Plain entries, so that a process can send them to its parent. */
export class Ledger {
  readonly entries: LedgerEntry[] = []
  readonly #client: string
  readonly #calls = new Set<Promise<unknown>>()

  /** @param client a name that no other client of the run has */
  constructor(client: string) {
    this.#client = client
  }

  /**
   * Sends a command, and notes what comes of it. Never rejects.
   * @returns what the command gave; null too if it failed
   */
  give<R>(jobId: string, command: Command<R>): Promise<R | null> {
    const mark = `${this.#client}:${this.entries.length}`
    const entry: LedgerEntry = { mark, jobId, told: 'pending', code: null, message: null, ms: 0 }
    this.entries.push(entry)
    const call = this.#note(entry, command)
    this.#calls.add(call)
    return call.finally(() => this.#calls.delete(call))
  }

  /** Waits until all that was sent has ended, but no longer than that: what hangs stays 'pending', which O1 reports. */
  async settled(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise((resolve) => {
      timer = setTimeout(resolve, withinMs)
    })
    await Promise.race([Promise.all(this.#calls), timeout])
    clearTimeout(timer)
  }

  async #note<R>(entry: LedgerEntry, command: Command<R>): Promise<R | null> {
    const startedAt = performance.now()
    try {
      const given = await command({ meta: { mark: entry.mark } })
      // create gives undefined, a change the job, delete true.
      entry.told = given === null || given === false ? 'nothing' : 'acknowledged'
      return given
    } catch (error) {
      entry.told = toldBy(error)
      entry.code = codeOf(error)
      entry.message = error instanceof Error ? error.message : String(error)
      return null
    } finally {
      entry.ms = performance.now() - startedAt
    }
  }
}

/** What an error says of its command. By names, not by classes: a mutated package has classes of its own. */
function toldBy(error: unknown): 'rejected' | 'unknown' {
  const { code, outcome, cause } = error as { code?: string; outcome?: string; cause?: { outcome?: string } }
  if (code === 'NOT_DURABLE') return 'unknown'
  if (code === 'STORE_CLOSED' && cause !== undefined) return cause.outcome === 'rejected' ? 'rejected' : 'unknown'
  return outcome === 'unknown' || !isStoreError(error) ? 'unknown' : 'rejected'
}

function codeOf(error: unknown): string {
  return isStoreError(error) ? (error as { code: string }).code : `not an error of the store: ${String(error)}`
}

/** Also of a mutated package, whose classes are others. */
export function isStoreError(error: unknown): boolean {
  for (let proto: unknown = error; proto !== null && proto !== undefined; proto = Object.getPrototypeOf(proto))
    if (proto.constructor?.name === 'JobStoreError') return true
  return false
}
