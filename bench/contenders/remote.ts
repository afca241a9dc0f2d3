import { type ChildProcess, fork } from 'node:child_process'
import { extname, join } from 'node:path'

import type { Pace, Round } from '../measure.ts'
import type { Verb } from './contender.ts'
import type { ContenderSpec } from './make-contender.ts'

/** What a contender's process can be asked. */
export interface Call {
  name: 'fill' | 'warmUp' | 'round' | 'close'
  args: unknown[]
}

export interface Answer {
  result?: unknown
  /** With its stack. */
  error?: string
}

/**
 * A contender in a process of its own, so that none pays for another's garbage, or for code that V8 has compiled for
 * both. Asked for one thing at a time.
 */
export class RemoteContender {
  readonly name: string
  readonly #child: ChildProcess

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
  }

  static async start(spec: ContenderSpec): Promise<RemoteContender> {
    const child = fork(join(import.meta.dirname, `process${extname(import.meta.filename)}`), [JSON.stringify(spec)])
    return new RemoteContender(String(await answerOf(child)), child)
  }

  async fill(): Promise<void> {
    await this.#ask('fill')
  }

  /** @returns the calls in flight that the contender takes; null if it does not have the verb */
  async warmUp(verb: Verb, inFlight: number, pace: Pace): Promise<number | null> {
    return (await this.#ask('warmUp', verb, inFlight, pace)) as number | null
  }

  async round(verb: Verb, inFlight: number, pace: Pace): Promise<Round> {
    return (await this.#ask('round', verb, inFlight, pace)) as Round
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (!this.#child.connected) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.send({ name: 'close', args: [] } satisfies Call)
    await ended
  }

  #ask(name: Call['name'], ...args: unknown[]): Promise<unknown> {
    const answer = answerOf(this.#child)
    this.#child.send({ name, args } satisfies Call)
    return answer
  }
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = ({ result, error }: Answer): void => {
      child.off('exit', end)
      if (error === undefined) resolve(result)
      else reject(new Error(error))
    }
    const end = (code: number | null): void => {
      child.off('message', settle)
      reject(new Error(`a contender's process ended with ${code}`))
    }
    child.once('message', settle).once('exit', end)
  })
}
