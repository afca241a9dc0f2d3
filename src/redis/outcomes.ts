import type { Outcome } from '../backend.ts'
import type { EncodedCommand } from '../backend.ts'
import type { Command } from '../core/command.ts'
import { evolve } from '../core/evolve.ts'
import type { JobCore, JobFields } from '../core/job.ts'
import { copyValue } from '../core/value.ts'
import { timeOf } from './event-entries.ts'
import { ReplyReader, type HeldJob } from './job-hash.ts'
import type { NearCache } from './near-cache.ts'
import type { Applied } from './writer.ts'

/** Reads apply.lua's outcomes, and brings the held jobs to where the commands took them. */
export class Outcomes {
  readonly #cache: NearCache
  readonly #bases: Map<string, HeldJob>

  /** @param bases the states that the batch said it holds, by job */
  constructor(cache: NearCache, bases: Map<string, HeldJob>) {
    this.#cache = cache
    this.#bases = bases
  }

  read(commands: readonly EncodedCommand[], applied: Applied): Outcome[] {
    const states = applied.reply === null ? null : new ReplyReader(applied.reply, 2)
    return commands.map((encoded, index) => this.#readOne(encoded, applied.outcomes[index] ?? '', states))
  }

  #readOne(encoded: EncodedCommand, line: string, states: ReplyReader | null): Outcome {
    const tag = line.charAt(0)
    const detail = line.slice(2)
    switch (tag) {
      case 'A':
      case 'T':
      case 'J':
        return this.#applied(encoded, tag, detail.split(' ') as [string, string], states)
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
        return { kind: 'transitionRefused', from: detail }
      default:
        return { kind: 'unreadable', what: detail }
    }
  }

  #applied(
    { command, data }: EncodedCommand,
    tag: string,
    [version, event]: [string, string],
    states: ReplyReader | null,
  ): Outcome {
    const at = { version: Number(version), event }
    const id = command.jobId
    if (command.kind === 'delete') {
      this.#cache.delete(id)
      return { kind: 'applied', version: at.version, job: null }
    }
    if (tag === 'J' && states === null) return { kind: 'repeated', version: at.version }
    const base = this.#bases.get(id)
    const held = tag === 'J' && states !== null ? states.takeState(id) : fold(command, at, tag === 'T', base)
    if (held === null) return { kind: 'repeated', version: at.version }
    if (tag !== 'J') held.bytes += data.length
    this.#bases.set(id, held)
    this.#cache.set(id, held)
    return { kind: 'applied', version: at.version, job: command.kind === 'create' ? null : copyValue(held.job) }
  }
}

/** The state after a command, from the one held before it: what the server's hash now says, without asking for it. */
function fold(
  command: Exclude<Command, { kind: 'delete' }>,
  at: { version: number; event: string },
  isStamped: boolean,
  base: HeldJob | undefined,
): HeldJob | null {
  if (command.kind === 'change' && base === undefined) return null
  const stamp = command.kind === 'change' && isStamped ? command.stamp : null
  const data: JobFields = stamp === null ? command.set : { ...command.set, [stamp]: new Date(timeOf(at.event)) }
  const state = evolve(base === undefined ? null : { ...base, lastEventId: base.event }, {
    id: at.event,
    type: command.type,
    jobId: command.jobId,
    userId: (command.set['userId'] as string | undefined) ?? '',
    version: at.version,
    data,
    removed: command.kind === 'change' ? command.removed : [],
  })
  return { ...at, job: state.job as JobCore, bytes: base?.bytes ?? 0 }
}
