import { Applied, type EncodedCommand, type Outcome } from '../backend.ts'
import type { Command } from '../core/command.ts'
import { applyChange } from '../core/evolve.ts'
import { ProjectionLostError } from '../core/errors.ts'
import { copyValue } from '../core/value.ts'
import { timeOf } from './event-entries.ts'
import { HeldJob } from './held-job.ts'
import { ReplyReader } from './job-hash.ts'
import type { NearCache } from './near-cache.ts'
import { Slabs } from '../slabs.ts'
import type { BatchReply } from './writer.ts'

/** A held job, and the event that the batch said it is at: by the time of the reply it may have gone on. */
export interface Base {
  held: HeldJob
  event: string
}

type Bases = Map<string, Base>

/** A job that its changes have made so many bytes larger is read anew: it is held at its size when it was read. */
const MAX_GROWN_BYTES = 4096

/** Reads apply.lua's outcomes, and brings the held jobs to where the commands took them. */
export class Outcomes {
  readonly #cache: NearCache
  readonly #slabs = new Slabs()

  constructor(cache: NearCache) {
    this.#cache = cache
  }

  /** @param bases the states that the batch said it holds, by job; they are brought on */
  read(commands: readonly EncodedCommand[], applied: BatchReply, bases: Bases): Outcome[] {
    const states = applied.reply === null ? null : new ReplyReader(applied.reply, 2)
    return commands.map((encoded, index) => this.#readOne(encoded, applied.outcomes[index] ?? '', bases, states))
  }

  #readOne(encoded: EncodedCommand, line: string, bases: Bases, states: ReplyReader | null): Outcome {
    const tag = line.charAt(0)
    const detail = line.slice(2)
    switch (tag) {
      case 'A':
      case 'T':
      case 'J':
        return this.#applied(encoded, line, bases, states)
      case 'R':
        return { kind: 'repeated', version: Number(detail) }
      case 'U':
        return { kind: 'commandReused' }
      case 'N':
        return { kind: 'notFound' }
      case 'X':
        return { kind: 'alreadyExists' }
      case 'V':
        return { kind: 'versionConflict', actual: Number(detail) }
      case 'F':
        return { kind: 'transitionRefused', from: decodeURIComponent(detail) }
      default:
        return { kind: 'unreadable', what: detail }
    }
  }

  #applied(encoded: EncodedCommand, line: string, bases: Bases, states: ReplyReader | null): Outcome {
    const { command, data } = encoded
    const space = line.indexOf(' ', 2)
    const version = Number(line.slice(2, space))
    const event = line.slice(space + 1)
    switch (command.kind) {
      case 'delete':
        this.#cache.delete(command.jobId)
        return new Applied(version, null)
      case 'create':
        this.#keep(
          bases,
          command.jobId,
          HeldJob.created(command.jobId, command.userId, this.#slabs.keep(data), version, event),
        )
        return new Applied(version, null)
      case 'change': {
        const isHeld = line.startsWith('J')
          ? this.#replace(bases, command.jobId, states)
          : this.#change(bases, command, version, event, line.startsWith('T'), data.length)
        if (!isHeld) return { kind: 'repeated', version }
        return new Applied(version, copyValue(bases.get(command.jobId)?.held.job ?? null))
      }
    }
  }

  /**
   * What was held is not what the command met: holds the state that came instead.
   * @returns false if that is gone with the first reply, or can't be read: the log says what the command made of the job
   */
  #replace(bases: Bases, id: string, states: ReplyReader | null): boolean {
    bases.delete(id)
    this.#cache.delete(id)
    if (states === null) return false
    try {
      this.#keep(bases, id, states.takeState(id))
      return true
    } catch (error) {
      if (error instanceof ProjectionLostError) return false
      throw error
    }
  }

  #keep(bases: Bases, id: string, held: HeldJob): void {
    bases.set(id, { held, event: held.event })
    this.#cache.set(id, held)
  }

  /** Brings a held job to what the server's hash now says, in place. @returns whether it was held */
  #change(bases: Bases, command: Change, version: number, event: string, isStamped: boolean, bytes: number): boolean {
    const base = bases.get(command.jobId)
    if (base === undefined || base.held.event !== base.event) return false
    const { held } = base
    applyChange(held.job, command.set, command.removed)
    if (isStamped && command.stamp !== null) held.job[command.stamp] = new Date(timeOf(event))
    held.version = version
    held.event = base.event = event
    held.grownBytes += bytes
    if (held.grownBytes > MAX_GROWN_BYTES) this.#cache.delete(command.jobId)
    else this.#cache.keep(command.jobId, held)
    return true
  }
}

type Change = Extract<Command, { kind: 'change' }>
