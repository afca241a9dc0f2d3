import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import { collect } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import type { AnyJob } from '../contract/harness.ts'
import { commandBefore, describeCall, isCommand, type Command, type Query, type Sequence, type Step } from './calls.ts'
import { comparableAfterCompaction, comparableEvent, comparableLog } from './comparable.ts'
import { perform } from './perform.ts'
import { openSubject, type Contender, type Subject } from './subject.ts'

/** Told of every answer that the stores agreed on. */
export type Listener = (call: Command | Query, answer: unknown) => void

/**
 * Takes the same sequence through every contender, and compares what they answer, call by call, with the first one's:
 * the reference. After it each must be the fold of its own log, and the logs must be equal.
 * @throws AssertionError that says who answered what differently to which call
 */
export async function runInLockstep(
  contenders: readonly Contender[],
  sequence: Sequence,
  listen: Listener = () => {},
): Promise<void> {
  const subjects = await Promise.all(contenders.map((contender) => openSubject(contender, sequence.options)))
  const [reference, ...others] = subjects as [Subject, ...Subject[]]
  try {
    const given: Command[] = []
    let isCompacted = false
    const told = (answer: unknown, call: Command | Query, { isOneLog, memory }: Subject): unknown => {
      // Where a reader stands is behind the first event, and which one that is is a matter of the partition.
      if (!isOneLog && call.verb === 'eventsOfLateReader' && memory.cursor !== null) return 'of its own'
      return isCompacted && !isOneLog ? comparableAfterCompaction(call, answer) : answer
    }
    for (const [index, step] of sequence.steps.entries()) {
      const calls = await concrete(reference.stores[0], step, given)
      const answers = await Promise.all(subjects.map((subject) => performAll(subject, step, calls)))
      for (const [at, subject] of others.entries())
        for (const [place, call] of calls.entries())
          assertAlike(
            told(answers[at + 1]?.[place], call, subject),
            told(answers[0]?.[place], call, subject),
            reference,
            subject,
            `step ${index + 1}`,
            call,
          )
      isCompacted ||= calls.some((call) => call.verb === 'compact' && call.before === 'everything')
      for (const [place, call] of calls.entries()) listen(call, answers[0]?.[place])
    }
    for (const subject of subjects) await assertSound(subject)
    for (const subject of others) await assertSameLog(reference, subject)
  } finally {
    await Promise.all(subjects.map((subject) => subject.close()))
  }
}

/** The calls as every store is to get them: what is relative to now is looked up in the reference. */
async function concrete(store: JobStore<AnyJob>, step: Step, given: Command[]): Promise<(Command | Query)[]> {
  const calls: (Command | Query)[] = []
  for (const call of step.calls) {
    if (call.verb === 'again') {
      const repeated = commandBefore(given, call)
      if (repeated !== null) calls.push(repeated)
    } else if (isCommand(call)) {
      const resolved = await withExpectedVersion(store, call)
      calls.push(resolved)
      given.push(resolved)
    } else calls.push(call)
  }
  return calls
}

async function withExpectedVersion(store: JobStore<AnyJob>, call: Command): Promise<Command> {
  if (call.options?.near === undefined) return call
  const { near, ...options } = call.options
  const id = call.verb === 'create' ? call.job.id : call.id
  const newest = typeof id === 'string' ? (await collect(store.history(id))).at(-1) : undefined
  return { ...call, options: { ...options, expectedVersion: Math.max(0, (newest?.version ?? 0) + near) } }
}

async function performAll(subject: Subject, step: Step, calls: readonly (Command | Query)[]): Promise<unknown[]> {
  const store = subject.stores[step.via]
  const answers = await Promise.all(calls.map((call) => perform(store, call, subject.memory)))
  // Of reads that are under way together with commands nothing is promised but that they do no harm.
  return calls.length === 1 ? answers : answers.map((answer, at) => (isCommand(calls[at] as Command) ? answer : 'read'))
}

function assertAlike(
  actual: unknown,
  expected: unknown,
  reference: Subject,
  subject: Subject,
  where: string,
  call: Command | Query,
): void {
  const message = `${subject.name} (actual) answers otherwise than ${reference.name} (expected) at ${where}: ${describeCall(call)}`
  assertEqual(actual, expected, message)
}

async function assertSound(subject: Subject): Promise<void> {
  for (const store of new Set(subject.stores)) {
    try {
      await assertStateIsFold(store)
    } catch (error) {
      throw new Error(`${subject.name} is not the fold of its log: ${(error as Error).message}`, { cause: error })
    }
  }
}

async function assertSameLog(reference: Subject, subject: Subject): Promise<void> {
  const [expected, actual] = await Promise.all(
    [reference, subject].map(async ({ stores }) => {
      const events = await collect(stores[1].events())
      return subject.isOneLog ? events.map(comparableEvent) : comparableLog(events)
    }),
  )
  assertEqual(actual, expected, `the log of ${subject.name} (actual) is not that of ${reference.name} (expected)`)
}

/** With a message of its own before the difference, which assert shows only in its own. */
function assertEqual(actual: unknown, expected: unknown, message: string): void {
  try {
    assert.deepStrictEqual(actual, expected)
  } catch (error) {
    throw new Error(`${message}\n${(error as Error).message}`, { cause: error })
  }
}
