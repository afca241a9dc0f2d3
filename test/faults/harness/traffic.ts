import type { JobStore } from '../../../src/contract.ts'
import type { EventMeta } from '../../../src/core/event.ts'
import type { AnyJob } from '../../contract/harness.ts'
import { aJob } from '../../contract/jobs.ts'
import type { Ledger } from './ledger.ts'

/** What a client does. */
export interface Traffic {
  /** Stands before the ids of its jobs, so that clients can have jobs of their own, or share them. */
  jobsOf: string
  jobs?: number
  /** How many it gives; it ends earlier when the signal aborts. */
  commands: number
  /** How many without waiting for one another. */
  atOnce?: number
  signal?: AbortSignal
  /** Waited for after each round, so that quick machines don't write logs that are quicker than readers. */
  paceMs?: number
  random(): number
  /** How long a round may take before it is given up as hanging. */
  patienceMs: number
}

/** Commands of every kind on some jobs, in rounds, all noted in the ledger. */
export async function giveCommands(store: JobStore<AnyJob>, ledger: Ledger, traffic: Traffic): Promise<void> {
  const { jobsOf, jobs = 4, commands, atOnce = 8, signal, paceMs = 0, random, patienceMs } = traffic
  const ids = Array.from({ length: jobs }, (_, job) => `${jobsOf}-${job}`)
  for (const id of ids) void ledger.give(id, (options) => store.create(aJob({ id }), options))
  for (let sent = ids.length; sent < commands; sent += atOnce) {
    if (signal?.aborted === true) return
    const many = Math.min(atOnce, commands - sent)
    for (let index = 0; index < many; index++) {
      const id = ids[Math.floor(random() * jobs)] as string
      void giveOne(store, ledger, id, random)
    }
    await ledger.settled(patienceMs)
    if (paceMs > 0) await new Promise((resolve) => setTimeout(resolve, paceMs))
  }
  await ledger.settled(patienceMs)
}

/** Mostly progress, sometimes a status, another user, an end or a new beginning. */
function giveOne(store: JobStore<AnyJob>, ledger: Ledger, id: string, random: () => number): Promise<unknown> {
  const kind = random()
  const number = Math.floor(random() * 100)
  const verbs: [until: number, verb: (options: { meta: EventMeta }) => Promise<unknown>][] = [
    [0.03, (options) => store.delete(id, options)],
    [0.15, (options) => store.create(aJob({ id, userId: `user-${number % 3}` }), options)],
    [0.25, (options) => store.update(id, { userId: `user-${number % 3}`, note: `n${number}` }, options)],
    [0.35, (options) => store.updateStatus(id, number % 2 === 0 ? 'queued' : 'processing', options)],
    [1, (options) => store.updateProgress(id, { percent: number }, options)],
  ]
  const [, verb] = verbs.find(([until]) => kind < until) as (typeof verbs)[number]
  return ledger.give(id, verb)
}

/** What was to be tried until it is in the log, and was given up, or refused in a way that no caller can do anything about. */
export function givenUp({ entries }: Pick<Ledger, 'entries'>): string[] {
  return entries
    .filter(({ told, code }) => told === 'unknown' || code === 'STORE_UNAVAILABLE' || code === 'UNEXPECTED_REPLY')
    .map(({ mark, told, code, message }) => `P4: ${mark} ended ${told} (${code}: ${message}): it was to be tried again`)
}
