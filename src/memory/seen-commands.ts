import type { Outcome } from '../backend.ts'
import type { Command } from '../core/command.ts'

/** How long a commandId is remembered. */
const REMEMBER_MS = 24 * 60 * 60 * 1000

interface Seen {
  digest: string | null
  version: number
  untilMs: number
}

/** The commandIds that jobs have seen, each with the content and the version it led to. */
export class SeenCommands {
  readonly #seen = new Map<string, Seen>()

  /** What a command comes to if its job has seen its id; else null. */
  find(command: Command, digest: string | null, now: number): Outcome | null {
    if (command.commandId === null) return null
    const seen = this.#seen.get(keyOf(command.jobId, command.commandId))
    if (seen === undefined || seen.untilMs <= now) return null
    return seen.digest === digest ? { kind: 'repeated', version: seen.version } : { kind: 'commandReused' }
  }

  remember(command: Command, digest: string | null, version: number, now: number): void {
    if (command.commandId === null) return
    for (const [key, seen] of this.#seen) {
      if (seen.untilMs > now) break
      this.#seen.delete(key)
    }
    this.#seen.set(keyOf(command.jobId, command.commandId), { digest, version, untilMs: now + REMEMBER_MS })
  }
}

function keyOf(jobId: string, commandId: string): string {
  return `${jobId.length}:${jobId}:${commandId}`
}
