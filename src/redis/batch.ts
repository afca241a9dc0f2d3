import type { EncodedCommand, Outcome } from '../backend.ts'
import { StoreUnavailableError, type NotDurableError } from '../core/errors.ts'
import { RedisFullError } from './caller.ts'
import type { Durability } from './durability.ts'
import type { FramePacker } from './frame-packer.ts'
import { isPlainChange, pushFrame, pushPlainChange } from './frames.ts'
import { FORMAT, type Argument, type Link } from './link.ts'
import type { NearCache } from './near-cache.ts'
import type { Base, Outcomes } from './outcomes.ts'
import type { Run } from './scripts.ts'
import type { Writer } from './writer.ts'

/** What a partition's batches are made, sent and read with. */
export interface BatchTools {
  keyMeta: string
  link: Link
  cache: NearCache
  writer: Writer
  durability: Durability | null
  inlineBytes: number
  packer: FramePacker
  outcomes: Outcomes
  /** Makes the store fit for the batch, as a reply's tag says. */
  recover: (tag: string) => Promise<void>
}

/** Commands on the jobs of one partition that leave in one call, under one number. */
export class Batch {
  readonly #tools: BatchTools
  readonly #commands: readonly EncodedCommand[]
  readonly #deadline: number
  readonly #bases = new Map<string, Base>()
  #run: Run
  #frames: Argument[]
  #full: RedisFullError | null = null
  #notDurable: NotDurableError | null = null
  #wasTorn = false

  constructor(tools: BatchTools, commands: readonly EncodedCommand[], deadline: number) {
    this.#tools = tools
    this.#commands = commands
    this.#deadline = deadline
    this.#run = commands.every(isPlainChange) ? 'change' : 'apply'
    this.#frames = this.#pack(commands)
  }

  /** @returns an outcome for each command @throws StoreUnavailableError */
  async apply(): Promise<Outcome[]> {
    const { writer, outcomes } = this.#tools
    const send = (header: Argument[]): Promise<unknown[]> => this.#send(header)
    const recover = (tag: string): Promise<void> => this.#recover(tag)
    const applied = await writer.write(send, recover).catch((error: unknown) => {
      throw this.#wasTorn && error instanceof StoreUnavailableError ? asUnknown(error) : error
    })
    const error = this.#notDurable
    const read = outcomes.read(this.#sent, applied, this.#bases)
    const told = error === null ? read : read.map((outcome) => (isWritten(outcome) ? failed(error) : outcome))
    return this.#full === null ? told : this.#besideRefused(told, this.#full)
  }

  /** What of the commands is sent: of those that a full Redis refuses the deletes alone. */
  get #sent(): readonly EncodedCommand[] {
    return this.#full === null ? this.#commands : this.#commands.filter(isDelete)
  }

  #pack(commands: readonly EncodedCommand[]): Argument[] {
    const { packer, cache, inlineBytes } = this.#tools
    const push = this.#run === 'change' ? pushPlainChange : pushFrame
    for (const encoded of commands) {
      const held = cache.get(encoded.command.jobId)
      if (held !== undefined) this.#bases.set(encoded.command.jobId, { held, event: held.event })
      push(packer, encoded, held?.event ?? '0', inlineBytes)
    }
    return packer.finish()
  }

  /** A full Redis takes no more, but jobs can be deleted: under the same number, so that what comes behind still does. */
  #send(header: Argument[]): Promise<unknown[]> {
    return this.#sendOnce(header).catch((error: unknown) => {
      if (!(error instanceof RedisFullError) || this.#full !== null || !this.#commands.some(isDelete)) throw error
      this.#full = error
      this.#run = 'applyDeletes'
      this.#frames = this.#pack(this.#sent)
      return this.#sendOnce(header)
    })
  }

  async #sendOnce(header: Argument[]): Promise<unknown[]> {
    const { link, durability, keyMeta } = this.#tools
    const call = link.callOf(this.#run, keyMeta, [FORMAT, ...header, ...this.#frames])
    if (durability === null) return link.caller.call(call, this.#deadline)
    const { reply, failure } = await durability.whenReplicated(call, this.#deadline)
    this.#notDurable = failure
    return reply
  }

  /** It may have been applied before, unnoticed, by a server that has since cut its log off. */
  #recover(tag: string): Promise<void> {
    this.#wasTorn ||= tag === 'TORN'
    return this.#tools.recover(tag)
  }

  /** Outcomes of all commands, where only the deletes were sent. */
  #besideRefused(ofDeletes: readonly Outcome[], full: RedisFullError): Outcome[] {
    let next = 0
    return this.#commands.map((encoded) => (isDelete(encoded) ? (ofDeletes[next++] as Outcome) : failed(full)))
  }
}

function isDelete({ command }: EncodedCommand): boolean {
  return command.kind === 'delete'
}

function failed(error: Error): Outcome {
  return { kind: 'failed', error }
}

/** What was refused stays so, whoever has the rest. */
function isWritten({ kind }: Outcome): boolean {
  return kind === 'applied' || kind === 'repeated'
}

function asUnknown({ message, outcome, cause }: StoreUnavailableError): StoreUnavailableError {
  const meaning = outcome === 'rejected' ? `${message} (An earlier try may have been applied.)` : message
  return new StoreUnavailableError(meaning, { outcome: 'unknown', cause })
}
