import { decodeFields } from './codec.ts'
import type { Position } from './core/cursor.ts'
import { isWhole } from './core/evolve.ts'
import type { StoredEvent } from './stored-event.ts'

/**
 * Gathers one job's events, newest first, but for those of which nothing is left in its state: whose every field a later
 * one sets or removes. So a job of a million progress events takes the memory of a few. What holds for the newest state
 * must hold for that at a position too: events up to it are held against each other only. The oldest one always stays: it
 * says where the job's events begin.
 */
export class ThinTrail {
  readonly #events: StoredEvent[]
  readonly #through: Position
  readonly #overwritten = new Set<string>()
  #isUpTo = false
  /** The last one of the events stays only if it is the oldest. */
  #isLastVoid = false

  /** @param events to be added to; those that are there stay */
  constructor(events: StoredEvent[], through: Position) {
    this.#events = events
    this.#through = through
    for (const event of events) this.#isVoid(event)
  }

  push(event: StoredEvent): void {
    if (this.#isLastVoid) this.#events.pop()
    this.#events.push(event)
    this.#isLastVoid = this.#isVoid(event)
  }

  #isVoid(event: StoredEvent): boolean {
    const isNewest = this.#overwritten.size === 0 || this.#isUpTo !== event.position.sequence <= this.#through.sequence
    if (isNewest) {
      this.#isUpTo = event.position.sequence <= this.#through.sequence
      this.#overwritten.clear()
    }
    const before = this.#overwritten.size
    for (const name of namesIn(event)) this.#overwritten.add(name)
    // The newest one says the version, too.
    return !isNewest && !isWhole(event) && this.#overwritten.size === before
  }
}

function namesIn({ data, removed, stamp }: StoredEvent): string[] {
  return [...Object.keys(decodeFields(data)), ...removed, ...(stamp === null ? [] : [stamp])]
}
