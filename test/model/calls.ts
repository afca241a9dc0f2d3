import { inspect } from 'node:util'

import type { FindByUserIdOptions } from '../../src/contract.ts'
import type { CommandOptions } from '../../src/core/command.ts'
import type { EventQuery } from '../../src/core/event.ts'
import type { JobProgress } from '../../src/core/job.ts'
import type { StoreOptions } from '../../src/options.ts'
import type { AnyJob } from '../contract/harness.ts'

/** Options of a command; `near` becomes an expectedVersion that far from the version that the job then has. */
export type Options = (CommandOptions & { near?: number }) | undefined

/** One command, as it is to be given to every store. */
export type Command =
  | { verb: 'create'; job: AnyJob; options: Options }
  | { verb: 'update'; id: string; updates: Partial<AnyJob>; options: Options }
  | { verb: 'updateStatus'; id: string; status: string; options: Options }
  | { verb: 'updateProgress'; id: string; progress: JobProgress; options: Options }
  | { verb: 'delete'; id: string; options: Options }

/** A command that was given before, to be given once more: 0 is the newest. */
export interface Again {
  verb: 'again'
  back: number
}

/**
 * Which events compact() is to drop: all that there are, or none. A time in between would fall between other events in each
 * store, since each has a clock of its own.
 */
export type Cut = 'everything' | 'nothing'

/** One question. Places in a log are named by index, since each store has ids and cursors of its own. */
export type Query =
  | { verb: 'findById'; id: string }
  | { verb: 'findRecord'; id: string }
  | { verb: 'findByUserId'; userId: string; options: FindByUserIdOptions<AnyJob> }
  | { verb: 'listByUserId'; userId: string; options: { status?: string; limit?: number; after?: string } }
  | { verb: 'listAllByUserId'; userId: string; options: { status?: string; limit: number } }
  | { verb: 'countByUserId'; userId: string }
  | { verb: 'countByStatus'; status: string }
  | { verb: 'findByIdAsOf'; id: string; asOf: Date | { version: number } | { eventIndex: number } }
  | { verb: 'history'; id: string }
  | { verb: 'events'; query: EventQuery }
  | { verb: 'eventsAfter'; query: EventQuery; eventIndex: number }
  | { verb: 'eventsOfLateReader' }
  | { verb: 'stats' }
  | { verb: 'purgeExpired'; limit: number }
  | { verb: 'verify' }
  | { verb: 'rebuild' }
  | { verb: 'compact'; before: Cut }

export type Call = Command | Again | Query

/** Calls made one after the other without waiting, through one of two stores in the same place. */
export interface Step {
  via: 0 | 1
  calls: Call[]
}

/** What is done to every store: how it is opened, and then the steps, each waited for. */
export interface Sequence {
  options: StoreOptions
  steps: Step[]
}

/** Whether the call may change something. */
export function isCommand(call: Call): call is Command {
  return 'options' in call && call.verb !== 'findByUserId' && !call.verb.startsWith('list')
}

/** The command that is meant, of those given so far; null if there was none. */
export function commandBefore(given: readonly Command[], { back }: Again): Command | null {
  return given.at(-1 - (back % Math.max(1, given.length))) ?? null
}

/** A sequence as people read it: a line a call, equal ones in a row on one. */
export function describeSequence({ options, steps }: Sequence): string {
  const given: Command[] = []
  const describe = (call: Call): string => {
    if (isCommand(call)) given.push(call)
    if (call.verb !== 'again') return describeCall(call)
    const meant = commandBefore(given, call)
    return meant === null ? 'nothing' : `once more: ${describeCall(meant)}`
  }
  const lines = steps.map(({ via, calls }, index) => {
    const described = runsOf(calls.map(describe)).map(([call, times]) => (times > 1 ? `${times} x ${call}` : call))
    const wait = described.length > 1 ? ', without waiting' : ''
    return `${index + 1}. through store ${via + 1}${wait}: ${described.join('\n     ')}`
  })
  return [`Stores with ${show(options)}`, ...lines].join('\n')
}

/** A call as a program has it. */
export function describeCall(call: Call): string {
  const { verb, ...rest } = call
  const given = Object.values(rest).filter((argument) => argument !== undefined)
  return `${verb}(${given.map(show).join(', ')})`
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: Infinity, maxStringLength: 80, maxArrayLength: 10 })
}

function runsOf(texts: string[]): [text: string, times: number][] {
  const runs: [string, number][] = []
  for (const text of texts) {
    const last = runs.at(-1)
    if (last?.[0] === text) last[1]++
    else runs.push([text, 1])
  }
  return runs
}
